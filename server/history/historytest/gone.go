package historytest

import (
	"bytes"
	"strconv"
	"testing"

	"partline.dev/server/history"
)

// oldestGoes appends until the first record is gone, and then some more.
func oldestGoes(t *testing.T, log history.Log) {
	first := add(t, log, room, "0")
	data := bytes.Repeat([]byte("x"), 64<<10)
	var last history.Position
	appendOne := func() {
		at, err := log.Append(t.Context(), room, data, quiet)
		if err != nil {
			t.Fatalf("after %v: %v", last, err)
		}
		last = at
	}
	gap := func(after int64) *history.Gap {
		return read(t, log, room, history.Position{Epoch: first.Epoch, Offset: after}, 1).Gap
	}
	for gap(0) == nil {
		if last.Offset == 10<<20/int64(len(data)) {
			t.Fatalf("%d records of 64 KiB, and nothing is gone", last.Offset)
		}
		appendOne()
		if last.Epoch != first.Epoch {
			t.Fatal("a room in use has begun another epoch")
		}
	}
	for range 5 {
		appendOne()
		g := gap(0)
		if g == nil || g.To >= last.Offset {
			t.Fatalf("%d are stored, and the gap is %v", last.Offset, g)
		}
		if got := gap(g.To); got != nil {
			t.Errorf("after the end of the gap, %d, there is another: %v", g.To, *got)
		}
		if got := gap(g.To - 1); got == nil || *got != (history.Gap{From: g.To, To: g.To}) {
			t.Errorf("one before the end of the gap, %d, it is %v", g.To, got)
		}
	}
	if p := read(t, log, room, history.Position{Epoch: "another", Offset: last.Offset}, 0); p.Gap == nil || p.Gap.From != 1 || p.Last != last.Offset {
		t.Errorf("for another epoch the gap is %v", p.Gap)
	}
	if p := read(t, log, room, last, 0); p.Gap != nil || len(p.Records) > 0 {
		t.Errorf("after the newest: %v, %d records", p.Gap, len(p.Records))
	}
	for i := range 3 {
		other := add(t, log, "room "+strconv.Itoa(i), "one")
		if p := read(t, log, "room "+strconv.Itoa(i), history.Position{}, 0); other.Offset != 1 || p.Gap != nil {
			t.Errorf("a room beside it: %v", p)
		}
	}
}
