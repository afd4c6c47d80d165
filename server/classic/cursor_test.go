package classic_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"partline.dev/server/classic"
)

func TestCursor(t *testing.T) {
	for want, c := range map[string][2]uint64{
		"d-0,0":                               {0, 0},
		"d-1F,A":                              {31, 10},
		"d-FFFFFFFFFFFFFFFF,FFFFFFFFFFFFFFFF": {math.MaxUint64, math.MaxUint64},
	} {
		text := classic.WriteCursor(c[0], c[1])
		if text != want {
			t.Errorf("%v is %q, want %q", c, text, want)
		}
		epoch, number, ok, err := classic.ReadCursor(text)
		if epoch != c[0] || number != c[1] || !ok || err != nil {
			t.Errorf("%q is %x, %x, %v, %v", text, epoch, number, ok, err)
		}
	}
	if epoch, number, ok, err := classic.ReadCursor("d-ab,cD"); epoch != 0xab || number != 0xcd || !ok || err != nil {
		t.Errorf("small letters: %x, %x, %v, %v", epoch, number, ok, err)
	}
}

// The cursor of another server is nothing of ours, and no error.
func TestCursor_ofAnotherServer(t *testing.T) {
	for _, text := range []string{
		"s-0,1A", "s-0,1|1,2|2,3", "d-1,1|2,2", "d-HomeHub,5", `d-c\,1,5`, `d-a\|b,5|c\\d,6`,
		"d-12345678901234567,1", "d-B,A|C,0|D,0|E,1F",
	} {
		if _, _, ok, err := classic.ReadCursor(text); ok || err != nil {
			t.Errorf("%q: %v, %v", text, ok, err)
		}
	}
}

func TestCursor_malformed(t *testing.T) {
	for _, text := range []string{
		"", "d", "d-", "x-1,2", "D-1,2", "1,2", "d-1", "d-1,", "d-,1", "d-1,G", "d-1,-1", "d-1,+1", "d-1, 1",
		"d-1,2|", "d-1,2|3", "d-|1,2", "d-1|2,3", `d-1\`, `d-1\x,2`, "d-1,12345678901234567", "d-1,2,3",
		"d-1,2\n", "d-1,0x2", "undefined", "null", "[object Object]",
		"d-1," + strings.Repeat("0", 1<<20), strings.Repeat("d-1,2|", 1<<16),
	} {
		if _, _, ok, err := classic.ReadCursor(text); ok || !errors.Is(err, classic.ErrCursor) {
			t.Errorf("%.40q: %v, %v", text, ok, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		epoch, number, ok, err := classic.ReadCursor(text)
		switch {
		case err != nil && (ok || !errors.Is(err, classic.ErrCursor)):
			t.Fatalf("%q: %v, %v", text, ok, err)
		case !ok && (epoch != 0 || number != 0):
			t.Fatalf("%q left %x, %x", text, epoch, number)
		case err == nil && (len(text) > classic.MaxCursor || text[1] != '-'):
			t.Fatalf("%q was taken", text)
		case ok:
			written := classic.WriteCursor(epoch, number)
			e, n, ok, err := classic.ReadCursor(written)
			if e != epoch || n != number || !ok || err != nil {
				t.Fatalf("%q came back as %q", text, written)
			}
		}
	})
}
