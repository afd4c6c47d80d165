package room_test

import (
	"math/rand/v2"
	"slices"
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

// everything is what a world goes through where each write fails once, and each event: every
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
		t.Fatalf("there are only %d writes", writes)
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

// TestHostile_eachEventLost: nothing of an event has left whose writes are lost, and
// all that was said before is still so.
func TestHostile_eachEventLost(t *testing.T) {
	lost := 0
	for n := 0; n == 0 || lost == n; n++ { // until there is no such event any more
		inWorld(t, func(w *world) {
			w.loseAfter = n + 1
			everything(w)
			if w.loseAfter <= 0 {
				lost++
			}
		})
	}
	if lost < 20 {
		t.Fatalf("there are only %d events", lost)
	}
}

// TestHostile_anything has steps of all kinds, and every fault, in any order.
func TestHostile_anything(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		inWorld(t, func(w *world) {
			for range 60 {
				w.step(byte(random.UintN(256)), byte(random.UintN(256)), byte(random.UintN(256)))
			}
		})
	}
}

// FuzzRoom has anything happen in a room, as TestHostile_anything, and looks for what
// the model says is wrong: each three bytes are a step of the world.
func FuzzRoom(f *testing.F) {
	f.Fuzz(func(t *testing.T, steps []byte) {
		inWorld(t, func(w *world) {
			for step := range slices.Chunk(steps[:min(len(steps), 240)], 3) {
				if len(step) == 3 {
					w.step(step[0], step[1], step[2])
				}
			}
		})
	})
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
