package room_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/edge/room"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

func TestAsked_whatWasGranted(t *testing.T) {
	page := func(letter string) access.Where { return access.Where{Scope: contract.ScopePage, Page: idOf(letter)} }
	inBoth(t, func(t *testing.T, codec wire.Codec) {
		for name, c := range map[string]struct {
			asks  []access.Where // each with an id but those of quiet
			quiet string         // a letter for each: q has no id
			want  access.Where
			moved bool
		}{
			"a page":                     {[]access.Where{page("p")}, "", page("p"), true},
			"one and then another":       {[]access.Where{page("p"), page("q")}, "", page("q"), true},
			"one refused":                {[]access.Where{{Scope: contract.ScopeWorld}}, "", access.Where{}, false},
			"one refused after another":  {[]access.Where{page("p"), {Scope: contract.ScopePlace, Place: "elsewhere"}}, "", page("p"), true},
			"no scope":                   {[]access.Where{page("p"), {Page: idOf("q")}}, "", access.Where{Scope: contract.ScopeTenant, Page: idOf("q")}, true},
			"a place":                    {[]access.Where{{Scope: contract.ScopePlace, Place: "a/b"}}, "", access.Where{Scope: contract.ScopePlace, Place: "a/b"}, true},
			"the principal's place":      {[]access.Where{{Scope: contract.ScopePlace}}, "", access.Where{Scope: contract.ScopePlace, Place: "lobby"}, true},
			"a scope in capitals":        {[]access.Where{{Scope: "PAGE", Page: idOf("p")}}, "", page("p"), true},
			"a session":                  {[]access.Where{{Scope: contract.ScopeSession, Session: idOf("s"), Page: idOf("p")}}, "", access.Where{Scope: contract.ScopeSession, Session: idOf("s"), Page: idOf("p")}, true},
			"without an id":              {[]access.Where{page("p")}, "q", page("p"), true},
			"without an id, refused":     {[]access.Where{{Scope: contract.ScopeWorld}}, "q", access.Where{}, false},
			"without an id, a bad page":  {[]access.Where{page("p"), {Scope: contract.ScopePage, Page: "short"}}, " q", page("p"), true},
			"without an id, after one":   {[]access.Where{page("p"), page("q")}, " q", page("q"), true},
			"without an id, before one":  {[]access.Where{page("p"), page("q")}, "q", page("q"), true},
			"without an id, one refused": {[]access.Where{page("p"), {Scope: contract.ScopeWorld}}, "q", page("p"), true},
			"without ids":                {[]access.Where{page("p"), page("q"), {Scope: contract.ScopeWorld}}, "qqq", page("q"), true},
		} {
			t.Run(name, func(t *testing.T) {
				a := newAsker(t, codec, 0)
				for i, w := range c.asks {
					id := fmt.Sprint(i)
					if i < len(c.quiet) && c.quiet[i] == 'q' {
						id = ""
					}
					a.send(a.call(id, "$enter", w))
				}
				a.tasks.Wait()
				moved, err := a.decide()
				if err != nil || moved != c.moved || a.where != c.want {
					t.Fatalf("decided is %+v, %v, %v", a.where, moved, err)
				}
				if moved && !a.isAt(a.where) {
					t.Errorf("it is not at %+v, but at %+v", a.where, a.conn.Access())
				}
				if again, err := a.decide(); again || err != nil {
					t.Errorf("decided again: %v, %v", again, err)
				}
			})
		}
	})
}

func TestAsked_howeverItIsCalled(t *testing.T) {
	w := access.Where{Scope: contract.ScopePage, Page: idOf("p")}
	inBoth(t, func(t *testing.T, codec wire.Codec) {
		for _, target := range []string{"$enter", "$Enter", "$ENTER", "$eNtEr"} {
			a := newAsker(t, codec, 0)
			a.send(a.call("1", target, w))
			a.tasks.Wait()
			if moved, err := a.decide(); !moved || err != nil || a.where != w {
				t.Errorf("%s: decided is %+v, %v, %v", target, a.where, moved, err)
			}
		}
		for _, target := range []string{"enter", "$enter2", "$$enter", "Echo", "$rename", "", "$enter\x00"} {
			a := newAsker(t, codec, 0)
			if target != "" {
				a.send(a.call("1", target, w))
			} else {
				a.send(a.call("1", "Echo", access.Where{Place: "$enter"}))
			}
			a.tasks.Wait()
			if moved, err := a.decide(); moved || err != nil {
				t.Errorf("%q: decided is %+v, %v", target, a.where, err)
			}
		}
	})
	for _, written := range []string{`\u0024enter`, `$\u0065nter`, `\u0024\u0045\u004e\u0054\u0045\u0052`, `$ente\u0052`} {
		a := newAsker(t, wire.JSON, 0)
		a.send(bytes.Replace(a.call("1", "$enter", w), []byte("$enter"), []byte(written), 1))
		a.tasks.Wait()
		if moved, err := a.decide(); !moved || err != nil || a.where != w || !a.isAt(w) {
			t.Errorf("%s: decided is %+v, %v, %v", written, a.where, moved, err)
		}
	}
}

// While a call before it runs, nothing is known of one that waits.
func TestAsked_beforeItIsAnswered(t *testing.T) {
	w := access.Where{Scope: contract.ScopePage, Page: idOf("p")}
	inBoth(t, func(t *testing.T, codec wire.Codec) {
		a := newAsker(t, codec, 0)
		a.send(a.hold())
		a.send(a.call("1", "$enter", w))
		a.send(a.call("", "$enter", access.Where{Scope: contract.ScopeUser}))
		if moved, err := a.decide(); moved || err != nil {
			t.Errorf("decided is %+v, %v", a.where, err)
		}
		close(a.release)
		a.tasks.Wait()
		if moved, err := a.decide(); !moved || err != nil || a.where != (access.Where{Scope: contract.ScopeUser}) || !a.isAt(a.where) {
			t.Errorf("decided is %+v, %v, %v", a.where, moved, err)
		}
	})
}

// Nobody is told whether a call without an id was granted: it is not taken for one as
// long as the connection is elsewhere, or if it cannot be one.
func TestAsked_withoutAnID(t *testing.T) {
	lobby, other := access.Where{Scope: contract.ScopePlace, Place: "lobby"}, access.Where{Scope: contract.ScopePlace, Place: "a/b"}
	inBoth(t, func(t *testing.T, codec wire.Codec) {
		a := newAsker(t, codec, 0)
		a.send(a.call("", "$enter", lobby))
		a.tasks.Wait()
		if _, err := a.decide(); err != nil || a.where != lobby {
			t.Fatalf("decided is %+v, %v", a.where, err)
		}
		a.send(a.hold())
		a.send(a.call("", "$enter", other))
		if moved, err := a.decide(); moved || err != nil {
			t.Errorf("it waits, and decided is %+v, %v", a.where, err)
		}
		close(a.release)
		a.tasks.Wait()
		if _, err := a.decide(); err != nil || a.where != other {
			t.Fatalf("decided is %+v, %v", a.where, err)
		}

		// With uploads, which $enter does not take.
		msg, _, err := codec.Split(a.call("", "$enter", access.Where{Scope: contract.ScopePage, Page: idOf("q")}), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		var m wire.Message
		if err := codec.Decode(msg, &m); err != nil {
			t.Fatal(err)
		}
		page := access.Where{Scope: contract.ScopePage, Page: idOf("p")}
		a.send(a.call("", "$enter", page))
		m.StreamIDs = []string{"1"}
		a.send(codec.Append(nil, &m))
		a.send(codec.Append(nil, &wire.Message{Kind: wire.Completion, InvocationID: []byte("1")}))
		a.tasks.Wait()
		if _, err := a.decide(); err != nil || a.where != page || !a.isAt(page) {
			t.Errorf("decided is %+v, %v", a.where, err)
		}
	})
}

func TestAsked_oneIDTwice(t *testing.T) {
	inBoth(t, func(t *testing.T, codec wire.Codec) {
		for _, last := range []string{"q", "short"} {
			a := newAsker(t, codec, 0)
			a.send(slices.Concat(
				a.call("1", "$enter", access.Where{Scope: contract.ScopePage, Page: idOf("p")}),
				a.call("1", "$enter", access.Where{Scope: contract.ScopePage, Page: idOf("r")}),
				a.call("1", "$enter", access.Where{Scope: contract.ScopePage, Page: map[string]string{"q": idOf("q"), "short": "short"}[last]}),
			))
			a.tasks.Wait()
			if _, err := a.decide(); err != nil || !a.isAt(a.where) {
				t.Errorf("%s: decided is %+v, %v", last, a.where, err)
			}
		}
		// The answer to another method is not taken for that of $enter.
		for _, page := range []string{idOf("p"), "short"} {
			a := newAsker(t, codec, 0)
			a.where = access.Where{Scope: contract.ScopeTenant}
			a.send(a.hold())
			a.send(a.call("1", "Echo", access.Where{Scope: contract.ScopeUser}))
			a.send(a.call("1", "$enter", access.Where{Scope: contract.ScopePage, Page: page}))
			close(a.release)
			a.tasks.Wait()
			if _, err := a.decide(); err != nil || !a.isAt(a.where) {
				t.Errorf("%s: decided is %+v, %v", page, a.where, err)
			}
		}
	})
}

// More calls than are remembered are no matter, unless nobody knows any more which of
// them was granted last.
func TestAsked_moreThanAreRemembered(t *testing.T) {
	good := access.Where{Scope: contract.ScopePage, Page: idOf("p")}
	bad := access.Where{Scope: contract.ScopeWorld}
	inBoth(t, func(t *testing.T, codec wire.Codec) {
		many := func(n int, w access.Where, id string) (all []access.Where, ids []string) {
			for i := range n {
				name := ""
				if id != "" {
					name = fmt.Sprint(id, i)
				}
				all, ids = append(all, w), append(ids, name)
			}
			return all, ids
		}
		try := func(first, rest access.Where, firstID, restID string) (a *asker, moved bool, err error) {
			a = newAsker(t, codec, 0)
			a.send(a.hold())
			a.send(a.call(firstID, "$enter", first))
			asks, ids := many(room.MaxAsks, rest, restID)
			for i, w := range asks {
				a.send(a.call(ids[i], "$enter", w))
			}
			close(a.release)
			a.tasks.Wait()
			moved, err = a.decide()
			return a, moved, err
		}
		if a, moved, err := try(bad, good, "first", "r"); !moved || err != nil || !a.isAt(a.where) {
			t.Errorf("the last was granted: %v, %v", moved, err)
		}
		if _, _, err := try(good, bad, "first", "r"); !errors.Is(err, room.ErrAsked) {
			t.Errorf("the first was granted, and no other: %v", err)
		}
		if _, moved, err := try(good, bad, "", "r"); moved || err != nil {
			t.Errorf("the first was granted, and nobody was told: %v, %v", moved, err)
		}
		if a, moved, err := try(bad, good, "", ""); !moved || err != nil || !a.isAt(a.where) {
			t.Errorf("nobody was told of any: %v, %v", moved, err)
		}
	})
}

// As many connections as may be are open, so one more would be refused: that says
// nothing of this one.
func TestAsked_withoutAnIDByWhoMayOpenNoOther(t *testing.T) {
	a := newAsker(t, wire.JSON, 1)
	w := access.Where{Scope: contract.ScopePage, Page: idOf("p")}
	a.send(a.call("", "$enter", w))
	a.tasks.Wait()
	if moved, err := a.decide(); !moved || err != nil || a.where != w {
		t.Errorf("decided is %+v, %v, %v", a.where, moved, err)
	}
}

// Whatever is asked, and in whatever pieces it arrives: what was decided last is where
// the connection is.
func TestAsked_isWhereTheConnectionIs(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	letters := []string{"p", "q", "r"}
	pick := func() access.Where {
		w := access.Where{
			Scope: []contract.Scope{"", contract.ScopePage, contract.ScopePage, contract.ScopeSession, contract.ScopeUser, contract.ScopePlace, contract.ScopeTenant, contract.ScopeWorld, "nowhere"}[random.IntN(9)],
			Place: []string{"", "lobby", "a/b", "elsewhere", strings.Repeat("x", 300)}[random.IntN(5)],
		}
		if random.IntN(4) > 0 {
			w.Page = idOf(letters[random.IntN(3)])
		}
		if random.IntN(3) == 0 {
			w.Session = []string{idOf("s"), idOf("t"), "short"}[random.IntN(3)]
		}
		return w
	}
	inBoth(t, func(t *testing.T, codec wire.Codec) {
		a, next := newAsker(t, codec, 0), 0
		a.where = access.Where{Scope: contract.ScopeTenant}
		for round := range 400 {
			var data []byte
			for range random.IntN(room.MaxAsks) {
				id := ""
				if random.IntN(3) > 0 {
					next++
					id = fmt.Sprint(next)
				}
				data = append(data, a.call(id, []string{"$enter", "$Enter", "$enter", "Echo"}[random.IntN(4)], pick())...)
			}
			for len(data) > 0 {
				n := min(len(data), 1+random.IntN(1+random.IntN(2000)))
				a.send(data[:n])
				data = data[n:]
				if random.IntN(3) == 0 {
					if _, err := a.decide(); err != nil {
						t.Fatal(err)
					}
				}
			}
			a.tasks.Wait()
			if _, err := a.decide(); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if !a.isAt(a.where) {
				t.Fatalf("round %d: decided is %+v, and it is at %+v", round, a.where, a.conn.Access())
			}
		}
	})
}

// A message in as many pieces as it has bytes, and one that is as long as may be.
func TestAsked_inPieces(t *testing.T) {
	w := access.Where{Scope: contract.ScopePage, Page: idOf("p")}
	inBoth(t, func(t *testing.T, codec wire.Codec) {
		a := newAsker(t, codec, 0)
		for _, b := range a.call("1", "$enter", w) {
			a.send([]byte{b})
		}
		long := a.call("2", "Echo", access.Where{Place: strings.Repeat("$enter ", 4000)})
		for piece := range slices.Chunk(append(long, a.call("3", "$enter", access.Where{Scope: contract.ScopeUser})...), 7) {
			a.send(piece)
		}
		a.tasks.Wait()
		if moved, err := a.decide(); !moved || err != nil || a.where.Scope != contract.ScopeUser || !a.isAt(a.where) {
			t.Errorf("decided is %+v, %v, %v", a.where, moved, err)
		}
	})
}

// Nothing that a client sends, or is sent, does harm.
func FuzzAsked(f *testing.F) {
	call := []byte(`{"type":1,"invocationId":"1","target":"$enter","arguments":[{"scope":"page","page":"pppppppppppppppppppppA"}]}` + "\x1e")
	done := []byte(`{"type":3,"invocationId":"1","result":{"scope":"page"}}` + "\x1e")
	f.Add(false, call, done)
	f.Add(false, call[:20], done[:20])
	f.Add(false, append(slices.Clone(call), call...), []byte(`{"type":3,"invocationId":"1","error":"no"}`+"\x1e"))
	f.Add(true, []byte{5, 0x95, 1, 0x80, 0xa1, '1'}, []byte{3, 0x93, 3, 0x80})
	f.Add(true, []byte{0xff, 0xff, 0xff, 0xff, 0xff}, []byte{0})
	f.Fuzz(func(t *testing.T, binary bool, sent, heard []byte) {
		codec := wire.JSON
		if binary {
			codec = wire.MessagePack
		}
		var a room.Asked
		for _, n := range []int{len(sent), len(sent) / 2, 0} {
			a.See(codec, sent[:n])
			a.See(codec, sent[n:])
			a.Answered(codec, heard)
			w, moved, _ := a.Decide(access.Access{Scope: contract.ScopePage}, func(access.Where) (access.Access, error) {
				return access.Access{Scope: contract.ScopePage}, nil
			})
			if moved && w.Scope == "" {
				t.Error("it has moved to nowhere")
			}
		}
	})
}
