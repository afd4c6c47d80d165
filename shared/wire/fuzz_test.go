package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"unicode/utf8"
	"unsafe"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// bounded runs f and fails if it allocates more than perByte bytes for each byte
// of input, and 64 KiB.
func bounded(t *testing.T, input []byte, perByte uintptr, f func()) {
	t.Helper()
	if took, most := allocated(f), uint64(len(input))*uint64(perByte)+64<<10; took > most {
		t.Errorf("%d bytes of input took %d bytes, more than %d", len(input), took, most)
	}
}

// allocated is how many bytes f takes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// sameVerdict compares what we think of JSON with what encoding/json does, which
// takes half surrogate pairs, what is not UTF-8, and any depth.
func sameVerdict(t *testing.T, text []byte, err error) {
	t.Helper()
	valid := json.Valid(text)
	switch {
	case err == nil && (!valid || !utf8.Valid(text)):
		t.Errorf("%q was taken", text)
	case errors.Is(err, wire.ErrMalformed) && valid:
		t.Errorf("%q was refused: %v", text, err)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	f.Fuzz(func(t *testing.T, record []byte) {
		kept := bytes.Clone(record)
		m := wire.Message{StreamIDs: []string{"old"}, HasError: true}
		var err error
		bounded(t, record, 4, func() { err = wire.JSON.Decode(record, &m) })
		if !bytes.Equal(record, kept) {
			t.Fatal("decoding changed the record")
		}
		if err != nil {
			if !reflect.DeepEqual(m, wire.Message{}) {
				t.Fatalf("a refused record left %+v", m)
			}
			return
		}
		sameVerdict(t, record, nil)
		if m.Kind == wire.Unknown {
			return
		}
		if len(m.Target) > wire.MaxName || len(m.InvocationID) > wire.MaxName || m.ArgumentCount > wire.MaxArguments || len(m.StreamIDs) > wire.MaxStreamIDs {
			t.Fatalf("over a limit: %+v", m)
		}
		encoded := wire.JSON.Append(nil, &m)
		again, rest, err := wire.JSON.Split(encoded, len(encoded))
		if err != nil || len(rest) != 0 {
			t.Fatalf("%q is not one record: %v", encoded, err)
		}
		back, err := decode(t, string(again))
		if err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("%+v came back as %+v, %v", m, back, err)
		}
	})
}

// anything is every shape that bytes can be read into without a time zone.
type anything struct {
	Flag  bool
	Small int8
	Count uint64
	Ratio float64
	Text  string
	Bytes []byte
	Level level
	Ptr   *anything
	List  []anything
	Texts []string
	Map   map[string]anything
	None  contract.None
}

func FuzzReadValue(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := read[contract.RawJSON](t, string(raw))
		sameVerdict(t, raw, err)

		kept := bytes.Clone(raw)
		p := planOf[anything](t)
		var v anything
		// Two bytes of input can be an element, and a slice doubles as it grows.
		bounded(t, raw, 4*unsafe.Sizeof(v), func() { err = wire.JSON.ReadValue(raw, p, settable(&v)) })
		if !bytes.Equal(raw, kept) {
			t.Fatal("reading changed the text")
		}
		if err != nil {
			return
		}
		sameVerdict(t, raw, nil)
		clear(raw) // what was read keeps nothing of it
		written, err := write(t, v)
		if err != nil {
			t.Fatalf("what was read from %q cannot be written: %v", kept, err)
		}
		back, err := read[anything](t, written)
		if err != nil || !reflect.DeepEqual(back, v) {
			t.Fatalf("%q came back as %q, %v", kept, written, err)
		}
	})
}

func FuzzHandshake(f *testing.F) {
	f.Fuzz(func(t *testing.T, buf []byte) {
		var h wire.Handshake
		var rest []byte
		var ok bool
		var err error
		bounded(t, buf, 4, func() { h, rest, ok, err = wire.ReadHandshake(buf) })
		if ok {
			if err != nil || !bytes.HasSuffix(buf, rest) || h.Protocol == "" {
				t.Fatalf("%q is %+v, %q, %v", buf, h, rest, err)
			}
			if back, rest, ok, err := wire.ReadHandshake(wire.AppendHandshake(nil, h)); back != h || len(rest) != 0 || !ok || err != nil {
				t.Fatalf("%+v came back as %+v, %q, %v, %v", h, back, rest, ok, err)
			}
		} else if err == nil && len(buf) > wire.MaxHandshake {
			t.Fatal("more bytes are asked for than a handshake has")
		}
		text, rest, ok, err := wire.ReadHandshakeReply(buf)
		if ok && text != "" {
			if back, _, ok, err := wire.ReadHandshakeReply(wire.AppendHandshakeReply(nil, text)); back != text || !ok || err != nil {
				t.Fatalf("%q came back as %q, %v, %v", text, back, ok, err)
			}
		}
		if !ok && !bytes.Equal(rest, buf) {
			t.Fatalf("%q was taken from, %v", buf, err)
		}
	})
}

// FuzzSplit checks that a stream is the same messages however it is cut.
func FuzzSplit(f *testing.F) {
	f.Fuzz(func(t *testing.T, stream []byte, cut uint8, limit uint8) {
		whole, wholeErr := collect(wire.JSON, [][]byte{stream}, int(limit))
		pieces := slices.Collect(slices.Chunk(stream, int(cut)+1))
		cutUp, cutErr := collect(wire.JSON, pieces, int(limit))
		if !reflect.DeepEqual(whole, cutUp) || !errors.Is(cutErr, wholeErr) && !errors.Is(wholeErr, wire.ErrTooLarge) {
			t.Fatalf("whole: %q, %v\nin pieces of %d: %q, %v", whole, wholeErr, cut, cutUp, cutErr)
		}
		var joined []byte
		for _, m := range whole {
			if len(m) > int(limit) {
				t.Fatalf("%q is over %d", m, limit)
			}
			joined = append(append(joined, m...), 0x1e)
		}
		if !bytes.HasPrefix(stream, joined) {
			t.Fatalf("%q was cut into %q", stream, whole)
		}
	})
}
