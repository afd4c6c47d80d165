package wire_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"
	"unsafe"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

func FuzzDecodeMessagePack(f *testing.F) {
	f.Fuzz(func(t *testing.T, record []byte) {
		kept := bytes.Clone(record)
		m := usedMessage()
		var err error
		bounded(t, record, 4, func() { err = wire.MessagePack.Decode(record, &m) })
		if !bytes.Equal(record, kept) {
			t.Fatal("decoding changed the record")
		}
		if err != nil {
			if !reflect.DeepEqual(m, wire.Message{}) {
				t.Fatalf("a refused record left %+v", m)
			}
			return
		}
		if m.Kind == wire.Unknown {
			return
		}
		if len(m.Target) > wire.MaxName || len(m.InvocationID) > wire.MaxName || m.ArgumentCount > wire.MaxArguments || len(m.StreamIDs) > wire.MaxStreamIDs {
			t.Fatalf("over a limit: %+v", m)
		}
		encoded := wire.MessagePack.Append(nil, &m)
		again, rest, err := wire.MessagePack.Split(encoded, len(encoded))
		if err != nil || again == nil || len(rest) != 0 {
			t.Fatalf("%x is not one record: %v", encoded, err)
		}
		back, err := unpack(t, again)
		if err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("%+v came back as %+v, %v", m, back, err)
		}
		// What was decoded can be skipped, so it is one value each.
		for _, raw := range [][]byte{m.Arguments, m.Value} {
			if _, err := readPack[contract.None](t, raw); err != nil {
				t.Fatalf("%x is no value: %v", raw, err)
			}
		}
	})
}

// packable is every shape that bytes can be read into.
type packable struct {
	Flag  bool
	Small int8
	Count uint64
	Half  float32
	Ratio float64
	Text  string
	Bytes []byte
	Hue   colour
	Mask  mask
	At    time.Time
	Raw   contract.RawJSON
	Ptr   *packable
	List  []packable
	Texts []string
	Map   map[string]packable
	None  contract.None
}

func FuzzReadMessagePack(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		kept := bytes.Clone(raw)
		p := planOf[packable](t)
		var v packable
		var err error
		// A byte of input can be an element, and a slice doubles as it grows.
		bounded(t, raw, 4*unsafe.Sizeof(v), func() { err = wire.MessagePack.ReadValue(raw, p, settable(&v)) })
		if !bytes.Equal(raw, kept) {
			t.Fatal("reading changed the value")
		}
		throughJSON(t, raw)
		if err != nil {
			return
		}
		clear(raw) // what was read keeps nothing of it
		written, err := writePack(t, v)
		if err != nil {
			t.Fatalf("what was read from %x cannot be written: %v", kept, err)
		}
		back, err := readPack[packable](t, written)
		if err != nil || !reflect.DeepEqual(back, v) {
			t.Fatalf("%x came back as %x, %v", kept, written, err)
		}
		text, err := write(t, v)
		if err != nil {
			t.Fatalf("what was read from %x is no JSON: %v", kept, err)
		}
		if back, err = read[packable](t, text); err != nil {
			t.Fatalf("%s cannot be read: %v", text, err)
		}
		if again, err := writePack(t, back); err != nil || !bytes.Equal(again, written) {
			t.Fatalf("%x went through JSON as %s and came back as %x, %v", written, text, again, err)
		}
	})
}

// throughJSON checks what a program holds as JSON that came as MessagePack.
func throughJSON(t *testing.T, raw []byte) {
	t.Helper()
	var held contract.RawJSON
	var err error
	// A byte of control character is six of JSON, and they are gathered by doubling.
	bounded(t, raw, 32, func() { err = wire.MessagePack.ReadValue(raw, planOf[contract.RawJSON](t), settable(&held)) })
	if err != nil || held == nil { // nil is null
		return
	}
	sameVerdict(t, held, nil)
	passed, err := writePack(t, held)
	if err != nil {
		t.Fatalf("%x is %s, which cannot be written: %v", raw, held, err)
	}
	if again, err := readPack[contract.RawJSON](t, passed); err != nil || !bytes.Equal(again, held) {
		t.Fatalf("%s came back as %s, %v", held, again, err)
	}
}

// FuzzSplitMessagePack checks that a stream is the same messages however it is
// cut.
func FuzzSplitMessagePack(f *testing.F) {
	f.Fuzz(func(t *testing.T, stream []byte, cut uint8, limit uint8) {
		whole, wholeErr := collect(wire.MessagePack, [][]byte{stream}, int(limit))
		pieces := slices.Collect(slices.Chunk(stream, int(cut)+1))
		cutUp, cutErr := collect(wire.MessagePack, pieces, int(limit))
		if !reflect.DeepEqual(whole, cutUp) || !errors.Is(cutErr, wholeErr) && cutErr.Error() != wholeErr.Error() {
			t.Fatalf("whole: %q, %v\nin pieces of %d: %q, %v", whole, wholeErr, cut, cutUp, cutErr)
		}
		rest := stream
		for _, m := range whole {
			before := rest
			msg, after, err := wire.MessagePack.Split(before, int(limit))
			frame := before[:len(before)-len(after)]
			if err != nil || string(msg) != m || len(m) > int(limit) || !bytes.HasSuffix(before, after) || !bytes.HasSuffix(frame, msg) || len(frame)-len(m) > 5 {
				t.Fatalf("%q was cut into %q", stream, whole)
			}
			rest = after
		}
	})
}
