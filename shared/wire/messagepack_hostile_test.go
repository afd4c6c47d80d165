package wire_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// packTargets are types of every kind that a value may be read into.
func packTargets() []any {
	return []any{
		new(string), new([]byte), new(contract.RawJSON), new(contract.None), new(int), new(float64), new(bool), new(time.Time), new(colour),
		new(everything), new([]odd), new(map[string]int), new(oddMap), new(*tree),
	}
}

// packRefused checks that a record with value cannot be decoded, and that the
// value cannot be read by whoever would skip the decoding.
func packRefused(t *testing.T, value []byte, want error) {
	t.Helper()
	record := append(pack("95 01 80 c0 a1't' 91"), value...)
	if _, err := unpack(t, record); !errors.Is(err, want) {
		t.Errorf("decoding %.50x: %v, want %v", record, err, want)
	}
	for _, into := range packTargets() {
		v := settable(into)
		p, err := wire.PlanOf(v.Type())
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.MessagePack.ReadValue(value, p, v); !errors.Is(err, want) && !errors.Is(err, wire.ErrType) {
			t.Errorf("reading %.50x as a %s: %v, want %v", value, v.Type(), err, want)
		}
	}
	if _, err := readPack[contract.None](t, value); !errors.Is(err, want) {
		t.Errorf("skipping %.50x: %v, want %v", value, err, want)
	}
}

// A count or length is the peer's word: nothing is made ready for what is not
// there (CWE-789).
func TestHostile_messagePackLengthsOf4GiB(t *testing.T) {
	took := allocated(func() {
		for _, head := range []string{
			"dd ff ff ff ff", "df ff ff ff ff", "db ff ff ff ff", "c6 ff ff ff ff", "c9 ff ff ff ff ff", "c9 ff ff ff ff 05",
			"dc ff ff", "de ff ff", "da ff ff", "c5 ff ff", "c8 ff ff ff", "df 80 00 00 00", "dd 7f ff ff ff",
		} {
			packRefused(t, pack(head), wire.ErrMalformed)
			packRefused(t, append(pack(head), make([]byte, 1000)...), wire.ErrMalformed)
			packRefused(t, append(pack("91 91"), pack(head)...), wire.ErrMalformed)
			packRefused(t, append(pack("81 a4'Name'"), pack(head)...), wire.ErrMalformed)
			if m, err := unpack(t, append(pack(head), 1)); !errors.Is(err, wire.ErrMalformed) {
				t.Errorf("the record %s is %+v, %v", head, m, err)
			}
		}
		for _, record := range []string{
			"95 01 80 c0 a1't' dd ff ff ff ff", "96 01 80 c0 a1't' 90 dd ff ff ff ff", "95 01 df ff ff ff ff c0 a1't' 90",
			"95 01 80 c0 db ff ff ff ff 90", "92 07 db ff ff ff ff",
		} {
			if m, err := unpack(t, pack(record)); !errors.Is(err, wire.ErrMalformed) {
				t.Errorf("%s is %+v, %v", record, m, err)
			}
		}
	})
	if took > 4<<20 {
		t.Errorf("all of this took %d bytes", took)
	}
}

// Each list announces all of the bytes that are left, so that every level could
// be made ready for them.
func TestHostile_messagePackListsThatAllAnnounceTheRest(t *testing.T) {
	const size = 1 << 20
	raw := make([]byte, 0, size)
	for range 60 {
		n := size - len(raw) - 5
		raw = append(raw, 0xdd, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	raw = append(raw, make([]byte, size-len(raw))...)
	took := allocated(func() {
		if v, err := readPack[odd](t, raw); err == nil {
			t.Errorf("it is %d long", len(v))
		}
	})
	// As a string for the check that reading changes nothing, and little else.
	if took > 2*size {
		t.Errorf("%d bytes took %d", size, took)
	}
}

// Recursion on the peer's nesting would be a stack of the peer's choosing
// (CWE-674).
func TestHostile_messagePackDepthOf10000(t *testing.T) {
	const n = 10_000
	for _, value := range []string{
		strings.Repeat("\x91", n) + "\x90",
		strings.Repeat("\x81\xa1a", n) + "\x01",
		strings.Repeat("\x81", n) + strings.Repeat("\x01", n+1), // maps as keys
		strings.Repeat("\x91\x81\xa1a", n) + "\x01",
		strings.Repeat("\x91", n), // and no end
	} {
		packRefused(t, []byte(value), wire.ErrDepth)
	}
	if _, err := unpack(t, []byte(strings.Repeat("\x91", n))); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("a record of nothing else: %v", err)
	}
	if _, err := unpack(t, []byte("\x92\x0a"+strings.Repeat("\x91", n))); !errors.Is(err, wire.ErrDepth) {
		t.Errorf("in a message that nobody knows: %v", err)
	}
	if _, err := unpack(t, []byte("\x93\x05\x81\xa1h"+strings.Repeat("\x91", n))); !errors.Is(err, wire.ErrDepth) {
		t.Errorf("in the headers: %v", err)
	}
}

func TestHostile_messagePackDepthOf64And65(t *testing.T) {
	nested := func(levels int) []byte { // of the whole message
		return []byte("\x95\x01\x80\xc0\xa1t" + strings.Repeat("\x91", levels-2) + "\x90")
	}
	if _, err := unpack(t, nested(64)); err != nil {
		t.Errorf("64 levels: %v", err)
	}
	if _, err := unpack(t, nested(65)); !errors.Is(err, wire.ErrDepth) {
		t.Errorf("65 levels: %v", err)
	}
}

func TestHostile_messagePackInvalidUTF8(t *testing.T) {
	for _, s := range []string{
		"\xff", "\x80", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xed\xa0\xbd\xed\xb8\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
	} {
		text := append([]byte{0xa0 | byte(len(s))}, s...)
		packRefused(t, text, wire.ErrUTF8)
		packRefused(t, append(append([]byte{0x81}, text...), 1), wire.ErrUTF8)
		packRefused(t, append([]byte{0xd9, byte(len(s))}, s...), wire.ErrUTF8)
		// Also in the parts of a record that nobody reads.
		for _, record := range []string{"\x92\x06", "\x92\x0a", "\x93\x05\x81\xa1h", "\x94\x01\x80\xc0", "\x92\x07", "\x95\x03\x80\xa11\x01"} {
			if _, err := unpack(t, append([]byte(record), text...)); !errors.Is(err, wire.ErrUTF8) {
				t.Errorf("%q in %x: %v", s, record, err)
			}
		}
		if _, err := readPack[contract.None](t, append([]byte{0xc4, byte(len(s))}, s...)); err != nil {
			t.Errorf("%q as bytes: %v", s, err)
		}
	}
}

// Every message that is cut short is refused, wherever it is cut.
func TestHostile_messagePackRecordWithoutEnd(t *testing.T) {
	for _, c := range packed {
		whole := pack(c.bytes)
		for n := range whole {
			if m, err := unpack(t, whole[:n]); !errors.Is(err, wire.ErrMalformed) || !reflect.DeepEqual(m, wire.Message{}) {
				t.Errorf("%s, cut to %x, is %+v, %v", c.name, whole[:n], m, err)
			}
		}
	}
	all := pack("dc 00 10 c3 cc 80 cd 01 00 ce 00 01 00 00 cf 00 00 00 01 00 00 00 00 d1 ff 00 ca 3f 80 00 00 cb 3f f0 00 00 00 00 00 00" +
		"d9 01'a' da 00 01'a' c4 01 00 c7 01 05 00 d6 ff 00 00 00 01 81 a1'a' 90 dd 00 00 00 01 c0 df 00 00 00 01 a0 c2")
	if _, err := readPack[contract.None](t, all); err != nil {
		t.Fatal(err)
	}
	for n := range all {
		packRefused(t, all[:n], wire.ErrMalformed)
	}
}

func TestHostile_messagePackTruncatedVarint(t *testing.T) {
	for _, prefix := range []string{"80", "ff", "80 80", "ff ff ff", "80 80 80 80"} {
		if msg, rest, err := wire.MessagePack.Split(pack(prefix), 1000); msg != nil || len(rest) != len(pack(prefix)) || err != nil {
			t.Errorf("%s: %x, %x, %v", prefix, msg, rest, err)
		}
	}
	// The fifth byte is the last that a length can have, so nobody waits for more.
	for _, prefix := range []string{"80 80 80 80 80", "ff ff ff ff ff", "ff ff ff ff 08", "80 80 80 80 80 80 80 80 80 01"} {
		if _, _, err := wire.MessagePack.Split(pack(prefix), 1000); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s: %v", prefix, err)
		}
	}
}

func TestHostile_messagePackTrailingData(t *testing.T) {
	for _, record := range []string{"91 06 00", "91 06 91 06", "91 06 c0", "91 0a 01", "93 07 c0 c2 90", "91 06 c1"} {
		if m, err := unpack(t, pack(record)); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s is %+v, %v", record, m, err)
		}
	}
	for _, value := range []string{"01 02", "a1'a' c0", "80 80", "90 00", "c0 c0", "c3 c2", "01 c1"} {
		for _, into := range packTargets() {
			v := settable(into)
			p, err := wire.PlanOf(v.Type())
			if err != nil {
				t.Fatal(err)
			}
			if err := wire.MessagePack.ReadValue(pack(value), p, v); !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrType) {
				t.Errorf("%s as a %s is %v, %v", value, v.Type(), v, err)
			}
		}
	}
}

// 0xc1 is the one byte that MessagePack gave no meaning.
func TestHostile_messagePackByteWithoutMeaning(t *testing.T) {
	for _, value := range []string{"c1", "91 c1", "81 c1 01", "81 a1'a' c1", "92 01 c1"} {
		packRefused(t, pack(value), wire.ErrMalformed)
	}
}

// An extension that nobody knows is skipped where nobody wants it, and is a value
// of no type.
func TestHostile_messagePackUnknownExtensions(t *testing.T) {
	for _, ext := range []string{"d4 05 01", "d5 80 01 02", "d6 00 01 02 03 04", "d7 7f" + strings.Repeat("01", 8), "d8 fe" + strings.Repeat("01", 16), "c7 00 05", "c8 00 01 05 00", "c9 00 00 00 01 05 00"} {
		record := pack("97 01 81 a1'h' " + ext + " c0 a1't' 91 " + ext + " 90 " + ext)
		if m, err := unpack(t, record); err != nil || m.ArgumentCount != 1 {
			t.Errorf("%s in a message is %+v, %v", ext, m, err)
		}
		takes(t, ext, contract.None{})
		takes(t, "82 a3'new' "+ext+" a4'Name' a1'n'", tree{Name: "n"})
		for _, into := range packTargets() {
			v := settable(into)
			p, err := wire.PlanOf(v.Type())
			if err != nil {
				t.Fatal(err)
			}
			if err := wire.MessagePack.ReadValue(pack(ext), p, v); v.Type() != reflect.TypeFor[contract.None]() && !errors.Is(err, wire.ErrType) {
				t.Errorf("%s as a %s is %v, %v", ext, v.Type(), v, err)
			}
		}
	}
}

func TestHostile_messagePackDuplicateKeys_theLastCounts(t *testing.T) {
	takes(t, "84 a4'Name' a1'a' a4'Past' 81 a4'Name' a1'x' a4'NAME' a1'b' a4'past' c0", tree{Name: "b"})
	takes(t, "82 a1'a' 01 a1'a' 02", map[string]int{"a": 2})
	takes(t, "82 a9'__proto__' 01 ab'constructor' 02", map[string]int{"__proto__": 1, "constructor": 2})
}

func TestHostile_messagePackWrongTypes(t *testing.T) {
	values := map[string]string{ // to what each fits
		"a6'a text'": "string", "c4 01'b'": "bytes", "01": "int float enum", "cb 3f f8 00 00 00 00 00 00": "float", "c3": "bool", "90": "list",
		"80": "struct map", "91 81 a4'Name' 01": "", "81 a4'Name' 80": "", "aa'2026-02-03'": "string time", "d6 ff 00 00 00 01": "time",
		"a3'Red'": "string enum", "a1'5'": "string enum",
	}
	targets := map[string]any{
		"string": new(string), "int": new(int), "float": new(float64), "bool": new(bool), "bytes": new([]byte), "time": new(time.Time),
		"list": new([]tree), "struct": new(tree), "map": new(map[string]string), "enum": new(colour),
	}
	for value, fits := range values {
		for kind, into := range targets {
			v := settable(into)
			p, err := wire.PlanOf(v.Type())
			if err != nil {
				t.Fatal(err)
			}
			err = wire.MessagePack.ReadValue(pack(value), p, v)
			if strings.Contains(fits, kind) {
				if err != nil {
					t.Errorf("%s as a %s: %v", value, v.Type(), err)
				}
			} else if !errors.Is(err, wire.ErrType) {
				t.Errorf("%s as a %s is %v, %v", value, v.Type(), v, err)
			}
		}
	}
}

// Errors go to logs and perhaps to the peer: they hold nothing that a peer wrote.
func TestHostile_messagePackErrorsHoldNothingOfThePeers(t *testing.T) {
	const secret = "s3cret"
	for _, value := range []string{
		"81 a6's3cret' 81 a6's3cret' 01", "81 a6's3cret' a6's3cret'", "a6's3cret'", "a7's3cret'", "c4 06's3cret'", "81 c4 06's3cret' 01", "c7 06 05's3cret'",
	} {
		for _, into := range []any{new(int), new(map[string]map[string]bool), new([]string), new(map[string]int), new(colour), new(time.Time)} {
			v := settable(into)
			p, err := wire.PlanOf(v.Type())
			if err != nil {
				t.Fatal(err)
			}
			err = wire.MessagePack.ReadValue(pack(value), p, v)
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s as a %s: %v", value, v.Type(), err)
			}
		}
	}
	if _, err := unpack(t, pack("95 01 80 c0 a6's3cret' a6's3cret'")); err == nil || strings.Contains(err.Error(), secret) {
		t.Error(err)
	}
}
