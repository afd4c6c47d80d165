package room_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/room"
	"partline.dev/server/hub"
)

// world is a room, and a model of it: who is there and in which groups, what was
// posted, which tickets were spent. Storage fails when a test says so. Whatever a
// client was told has happened is there for good; whom it could not be told, the room
// has closed.
type world struct {
	*place

	clients []*resident
	posts   []posted
	tickets []*inside.Spend
	said    int // texts so far
	fails   int // the Put that fails, by its number; 0: none
	trace   [][3]byte

	loseAfter int  // so many events from now on, all that one writes is lost; not positive: of none
	lost      bool // all that the last event wrote, and nothing has left
}

// resident is a client that is in the room.
type resident struct {
	*member

	hub, user string
	groups    map[string]bool
}

// posted is what somebody posted. Unsure: its author was not told.
type posted struct {
	text   string
	unsure bool
}

// step has one thing happen, as three numbers choose it.
func (w *world) step(what, a, b byte) {
	w.Helper()
	steps := []func(a, b byte){
		w.connect, w.connect, w.join, w.join, w.joinMany, w.leave, w.tell, w.tellUser, w.tellAll, w.post, w.post,
		w.evict, w.close, w.late, w.refuse, w.lose, w.spend, w.spendAgain, w.spoil, w.stray, w.replay,
	}
	what %= byte(len(steps))
	w.trace = append(w.trace, [3]byte{what, a, b})
	steps[what](a, b)
	if w.busy {
		w.Fatalf("the room is busy, and nothing runs")
	}
}

// event is one event, and whether something failed in it that the storage may be
// blamed for. Then clients that the room has closed are not in the model any more.
func (w *world) event(f func()) (failed bool) {
	w.Helper()
	before := w.object.Stored().Puts()
	if w.loseAfter--; w.loseAfter == 0 {
		w.object.FailCommit()
	}
	f()
	w.lost = w.reset
	failed = w.reset || before < w.fails && w.object.Stored().Puts() >= w.fails
	w.clients = slices.DeleteFunc(w.clients, func(c *resident) bool {
		closed := w.object.Closed(c.socket)
		if closed != nil && !failed {
			w.Fatalf("socket %d was closed with %+v, and nothing has failed", c.socket, *closed)
		}
		return closed != nil
	})
	if w.reset {
		w.again()
	}
	return failed
}

// again has the room come into memory anew.
func (w *world) again() {
	w.Helper()
	for range 3 { // a write of the beginning may fail, too
		w.reset = false
		r, err := room.New(w.object, w.options)
		if err != nil {
			_ = w.object.Commit()
			continue
		}
		w.room = r
		for _, socket := range w.object.Sockets() {
			r.Restore(socket, w.object.Attachment(socket))
		}
		w.settle()
		if !w.reset {
			return
		}
	}
	w.Fatal("the room does not begin again")
}

// text is one that nobody has said yet.
func (w *world) text() string {
	w.said++
	return fmt.Sprintf("text %d.", w.said)
}

// one is a client of that hub; nil: there is none.
func (w *world) one(hubName string, n byte) *resident {
	var of []*resident
	for _, c := range w.clients {
		if c.hub == hubName {
			of = append(of, c)
		}
	}
	if len(of) == 0 {
		return nil
	}
	return of[int(n)%len(of)]
}

func (w *world) connect(a, b byte) {
	w.Helper()
	c := &resident{hub: []string{"test", "test", "chat"}[a%3], user: fmt.Sprint("user", b%3), groups: map[string]bool{}}
	for range 5 {
		if w.tryConnect(c) {
			w.clients = append(w.clients, c)
			return
		}
	}
	w.Fatal("nobody comes in")
}

func (w *world) tryConnect(c *resident) (in bool) {
	w.Helper()
	var made *inside.Negotiated
	body, err := json.Marshal(inside.Negotiation{Version: inside.Version, Hub: c.hub, Principal: hub.Principal{ID: c.user}})
	if err != nil {
		w.Fatal(err)
	}
	failed := w.event(func() {
		status, reply := w.room.Ask(inside.PathNegotiate, body)
		w.settle()
		if status == http.StatusOK {
			made = &inside.Negotiated{}
			_ = json.Unmarshal(reply, made)
		}
	})
	if made == nil && !failed {
		w.Fatal("a negotiation was refused, and nothing has failed")
	}
	if made == nil || failed {
		return false
	}
	w.sockets++
	c.member = &member{place: w.place, socket: w.sockets}
	w.object.Open(c.socket)
	failed = w.event(func() {
		refusal := w.room.Connect(c.socket, room.Connecting{Hub: c.hub, Token: made.Token})
		w.settle()
		in = refusal == nil
	})
	if !in && !failed {
		w.Fatal("a socket was refused, and nothing has failed")
	}
	if in && !failed {
		failed = w.event(func() { c.say(handshake("json")) })
		got := c.take()
		in = slices.Equal(got, []string{"{}\x1e"}) && w.object.Closed(c.socket) == nil
		if !in && !failed {
			w.Fatalf("the handshake was answered with %q, and nothing has failed", got)
		}
	}
	if !in || failed {
		w.end(c)
		return false
	}
	return true
}

func handshake(protocol string) string { return `{"protocol":"` + protocol + `","version":1}` + "\x1e" }

// end ends a client that is not in the model.
func (w *world) end(c *resident) {
	w.Helper()
	if open := w.object.Closed(c.socket) == nil; open {
		w.object.Gone(c.socket)
		w.event(func() {
			w.room.Closed(c.socket, 1006, false)
			w.room.Closed(c.socket, 1006, false) // and once more
			w.settle()
		})
	}
	w.object.Gone(c.socket)
}

// call is a call, and whether it was answered. If it was not, its caller is gone.
func (w *world) call(c *resident, method, arguments string) (got []string, ok, failed bool) {
	w.Helper()
	failed = w.event(func() {
		c.say(`{"type":1,"invocationId":"1","target":"` + method + `","arguments":` + arguments + "}\x1e")
	})
	got = c.take()
	for i, one := range got {
		if strings.HasPrefix(one, `{"type":3,"invocationId":"1",`) {
			if !slices.Contains(w.clients, c) {
				w.Fatalf("%s%s was answered with %q, and then its caller closed", method, arguments, one)
			}
			return slices.Delete(got, i, i+1), !strings.Contains(one, `"error"`), failed
		}
	}
	if slices.Contains(w.clients, c) {
		w.Fatalf("%s%s was not answered", method, arguments)
	}
	return got, false, failed
}

// finish checks that all is as the model says, after everything: also that nothing is
// left of who is gone.
func (w *world) finish() {
	w.Helper()
	w.fails = 0
	w.object.Stored().RefuseOne(-1)
	w.connect(0, 0) // which writes, so that nothing fails after it
	w.evict(0, 0)
	w.connect(0, 0)
	for n := range byte(14) {
		w.tell(n, 255)
	}
	for n := range w.tickets {
		w.spendAgain(0, byte(n))
	}
	w.replay(0, 0)
	for len(w.clients) > 0 {
		w.close(0, 0)
	}
	for _, prefix := range []string{"c/", "d/"} {
		if left := w.object.Stored().Keys(prefix); len(left) > 0 {
			w.Fatalf("of connections that are gone is left %q", left)
		}
	}
}
