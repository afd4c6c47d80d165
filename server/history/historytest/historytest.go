// Package historytest holds an engine of histories to what [history.Log] says, from
// the outside, in a test of the engine's package:
//
//	func TestLog(t *testing.T) {
//		historytest.Run(t, func(t *testing.T) history.Log {
//			return history.NewMemory(history.Limits{RoomRecords: 100})
//		})
//	}
//
// Concurrency: each property has a log of its own, which is used from several
// goroutines; all of them have ended when Run returns. Ordering and what blocks are the
// engine's.
package historytest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"partline.dev/server/history"
)

// Run tests the logs that open gives, each of which is empty and keeps at least 20
// rooms. In a room it keeps at least 40 short records, and one as long as may be, and
// less than 10 MiB: what is appended beyond makes the oldest records go. It is used
// until the end of the test that it was opened for.
func Run(t *testing.T, open func(t *testing.T) history.Log) {
	for name, property := range map[string]func(*testing.T, history.Log){
		"a room that is not there":      nothing,
		"what is acknowledged is there": acknowledged,
		"after a position":              afterPosition,
		"pages":                         pages,
		"another epoch":                 anotherEpoch,
		"positions that cannot be":      strangePositions,
		"then comes before the answer":  thenFirst,
		"any name":                      anyName,
		"any data":                      anyData,
		"too long":                      tooLong,
		"a context that has ended":      ended,
		"the oldest goes":               oldestGoes,
		"many writers":                  manyWriters,
		"readers beside writers":        readersBeside,
	} {
		t.Run(name, func(t *testing.T) { property(t, open(t)) })
	}
}

const room = "a room"

// quiet is a then that does nothing.
func quiet(history.Position, history.Record) {}

// add appends data, or fails the test.
func add(t *testing.T, log history.Log, room, data string) history.Position {
	t.Helper()
	at, err := log.Append(t.Context(), room, []byte(data), quiet)
	if err != nil {
		t.Fatalf("append to %q: %v", room, err)
	}
	return at
}

// read reads a page, or fails the test. It holds it to what every page is.
func read(t *testing.T, log history.Log, room string, after history.Position, limit int) history.Page {
	t.Helper()
	p, err := log.Read(t.Context(), room, after, limit)
	if err != nil {
		t.Fatalf("read of %q after %v: %v", room, after, err)
	}
	next := int64(1)
	if after.Epoch == p.Epoch && after.Offset > 0 {
		next = after.Offset + 1
	}
	if p.Gap != nil {
		if p.Gap.From != next || p.Gap.To < p.Gap.From || p.Gap.To > p.Last {
			t.Fatalf("read of %q after %v: the gap is %v, the newest record %d", room, after, *p.Gap, p.Last)
		}
		next = p.Gap.To + 1
	}
	for _, r := range p.Records {
		if r.Offset != next || r.At <= 0 {
			t.Fatalf("read of %q after %v: record %d of %d ms, want %d", room, after, r.Offset, r.At, next)
		}
		next++
	}
	most := limit
	if most <= 0 || most > 1000 {
		most = 1000
	}
	if n := len(p.Records); n > most || n < most && next <= p.Last {
		t.Fatalf("read of %q after %v, %d at most: %d records up to %d of %d", room, after, limit, n, next-1, p.Last)
	}
	return p
}

// said is the data of a page's records, with spaces between them.
func said(p history.Page) string {
	var all []string
	for _, r := range p.Records {
		all = append(all, string(r.Data))
	}
	return strings.Join(all, " ")
}

func nothing(t *testing.T, log history.Log) {
	for _, after := range []history.Position{{}, {Epoch: "before", Offset: 7}} {
		if p := read(t, log, room, after, 0); p.Gap != nil || len(p.Records) > 0 || p.Last != 0 {
			t.Errorf("after %v: %v", after, p)
		}
	}
}

func acknowledged(t *testing.T, log history.Log) {
	var last history.Position
	for i, word := range []string{"one", "two", "three"} {
		at := add(t, log, room, word)
		if at.Epoch == "" || i > 0 && at.Epoch != last.Epoch || at.Offset != int64(i+1) {
			t.Fatalf("record %d is at %v, after %v", i+1, at, last)
		}
		last = at
		if p := read(t, log, room, history.Position{Epoch: at.Epoch, Offset: at.Offset - 1}, 1); said(p) != word || p.Last != at.Offset || p.Epoch != at.Epoch {
			t.Fatalf("%q was acknowledged at %v, and there is %v", word, at, p)
		}
	}
}

func afterPosition(t *testing.T, log history.Log) {
	epoch := add(t, log, room, "one").Epoch
	add(t, log, room, "two")
	add(t, log, room, "three")
	for offset, want := range []string{"one two three", "two three", "three", ""} {
		if p := read(t, log, room, history.Position{Epoch: epoch, Offset: int64(offset)}, 0); said(p) != want || p.Gap != nil || p.Last != 3 {
			t.Errorf("after %d: %v, want %s", offset, p, want)
		}
	}
}

func pages(t *testing.T, log history.Log) {
	for range 7 {
		add(t, log, room, "x")
	}
	var after history.Position
	for _, want := range []int{3, 3, 1, 0} {
		p := read(t, log, room, after, 3)
		if len(p.Records) != want || p.Last != 7 || p.Gap != nil {
			t.Fatalf("after %v: %d records, want %d", after, len(p.Records), want)
		}
		after = history.Position{Epoch: p.Epoch, Offset: after.Offset + int64(want)}
	}
}

func anotherEpoch(t *testing.T, log history.Log) {
	epoch := add(t, log, room, "one").Epoch
	add(t, log, room, "two")
	for _, other := range []string{"", "another", epoch + "x", strings.ToLower(epoch) + "\x00"} {
		if p := read(t, log, room, history.Position{Epoch: other, Offset: 1}, 0); said(p) != "one two" || p.Gap != nil || p.Epoch != epoch {
			t.Errorf("epoch %q: %v", other, p)
		}
	}
}

func strangePositions(t *testing.T, log history.Log) {
	epoch := add(t, log, room, "one").Epoch
	for offset, want := range map[int64]string{-1: "one", -1 << 63: "one", 2: "", 1<<63 - 1: ""} {
		p, err := log.Read(t.Context(), room, history.Position{Epoch: epoch, Offset: offset}, 0)
		if err != nil || said(p) != want || p.Gap != nil || p.Last != 1 {
			t.Errorf("after %d: %v, %v", offset, p, err)
		}
	}
	for _, limit := range []int{-1, 0, 1001, 1 << 30} {
		if p := read(t, log, room, history.Position{}, limit); said(p) != "one" {
			t.Errorf("at most %d: %v", limit, p)
		}
	}
}

func thenFirst(t *testing.T, log history.Log) {
	var calls []history.Position
	var kept []history.Record
	at, err := log.Append(t.Context(), room, []byte("one"), func(p history.Position, r history.Record) {
		calls, kept = append(calls, p), append(kept, r)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) != 1 || calls[0] != at || kept[0].Offset != at.Offset || string(kept[0].Data) != "one" {
		t.Fatalf("then was called with %v, %v; the answer is %v", calls, kept, at)
	}
	if p := read(t, log, room, history.Position{}, 0); p.Records[0].At != kept[0].At {
		t.Errorf("then was told %d ms, and it is %d", kept[0].At, p.Records[0].At)
	}
}

func anyName(t *testing.T, log history.Log) {
	names := []string{"", " ", "a", "A", "a ", "a\x00", "\x00a", "\xff\xfe", "é", "e\u0301", "😀", "../a", "a/b", `a"b'c;--`, "%", "_", strings.Repeat("long", 500)}
	for i, name := range names {
		if at := add(t, log, name, names[len(names)-1-i]); at.Offset != 1 {
			t.Fatalf("the first record of %q is at %d", name, at.Offset)
		}
	}
	for i, name := range names {
		if p := read(t, log, name, history.Position{}, 0); said(p) != names[len(names)-1-i] || p.Last != 1 {
			t.Errorf("%q has %v", name, p)
		}
	}
}

func anyData(t *testing.T, log history.Log) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	longest := bytes.Repeat(every, history.MaxRecord/len(every))
	for i, data := range [][]byte{nil, {}, {0}, every, longest} {
		given := bytes.Clone(data)
		at, err := log.Append(t.Context(), "room "+string(rune('a'+i)), given, quiet)
		if err != nil {
			t.Fatal(err)
		}
		for j := range given {
			given[j] ^= 0xff // it is the caller's again
		}
		p := read(t, log, "room "+string(rune('a'+i)), history.Position{}, 0)
		if len(p.Records) != 1 || !bytes.Equal(p.Records[0].Data, data) || p.Last != at.Offset {
			t.Errorf("%d bytes: %d records, and not what was appended", len(data), len(p.Records))
		}
	}
}

func tooLong(t *testing.T, log history.Log) {
	add(t, log, room, "one")
	_, err := log.Append(t.Context(), room, make([]byte, history.MaxRecord+1), func(history.Position, history.Record) {
		t.Error("then was called for a record that is too long")
	})
	if !errors.Is(err, history.ErrTooLong) {
		t.Errorf("a record that is too long: %v", err)
	}
	if at := add(t, log, room, "two"); at.Offset != 2 {
		t.Errorf("the next is at %d", at.Offset)
	}
}

func ended(t *testing.T, log history.Log) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	called := false
	_, err := log.Append(ctx, room, []byte("late"), func(history.Position, history.Record) { called = true })
	p := read(t, log, room, history.Position{}, 0)
	if stored := len(p.Records) == 1; stored == (err != nil) || stored != called {
		t.Errorf("the answer is %v, then was called: %v, and there are %d records", err, called, len(p.Records))
	}
}
