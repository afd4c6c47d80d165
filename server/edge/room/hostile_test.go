package room_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/edge/room"
)

// inWorld runs f with a room and its model.
func inWorld(t *testing.T, f func(w *world)) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		w := &world{place: p}
		defer func() {
			if t.Failed() {
				t.Logf("after the steps %v", w.trace)
			}
		}()
		f(w)
		w.finish()
	})
}

// all is what a world goes through where each write fails once, and each event: every
// kind of step, with records that fit into attachments and records that do not.
func everything(w *world) {
	w.connect(0, 0)
	w.connect(2, 1)
	for _, step := range []func(a, b byte){
		w.join, w.tell, w.post, w.joinMany, w.connect, w.tell, w.spend, w.post, w.evict, w.join, w.joinMany, w.leave, w.tell, w.tellUser,
		w.tellAll, w.post, w.late, w.spendAgain, w.spend, w.close, w.connect, w.joinMany, w.spoil, w.stray, w.replay,
	} {
		step(1, 1)
	}
}

// TestHostile_storageFullAtEachWrite: what cannot be written down did not happen, and
// the rest goes on.
func TestHostile_storageFullAtEachWrite(t *testing.T) {
	writes := 0
	inWorld(t, func(w *world) {
		everything(w)
		writes = w.object.Stored().Puts()
	})
	if writes < 20 {
		t.Fatalf("only %d writes", writes)
	}
	for n := range writes {
		inWorld(t, func(w *world) {
			w.fails = w.object.Stored().Puts() + n + 1
			w.object.Stored().RefuseOne(n)
			everything(w)
		})
		if t.Failed() {
			t.Fatalf("with the write %d of %d refused", n, writes)
		}
	}
}

func TestHostile_anything(t *testing.T) {
	for range 200 {
		seed := rand.Uint64()
		inWorld(t, func(w *world) {
			random := rand.New(rand.NewPCG(seed, 0))
			for range 60 {
				w.step(byte(random.UintN(256)), byte(random.UintN(256)), byte(random.UintN(256)))
			}
		})
	}
}

// TestHostile_callsThatEndInSilence: a handler that ends between events, and says
// nothing, does not keep the room in memory for good.
func TestHostile_callsThatEndInSilence(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		m := p.connect(joining{})
		m.say(`{"type":1,"target":"Later","arguments":[]}` + "\x1e")
		if !p.busy {
			t.Fatal("a handler runs, and the room may be evicted")
		}
		<-time.After(time.Second) // of the bubble
		synctest.Wait()
		if !p.object.Asked() {
			t.Fatal("the room asks for no turn")
		}
		p.room.Resume()
		if p.settle(); p.busy {
			t.Error("nothing runs, and the room may not be evicted")
		}
	})
}
