package room_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/room"
)

// groupName is long enough that ten of them do not fit into an attachment.
func groupName(n byte) string { return fmt.Sprintf("group %d %s", n%14, strings.Repeat("g", 200)) }

func (w *world) join(a, b byte) {
	w.Helper()
	w.move("Join", groupName(a), b, true)
}

func (w *world) leave(a, b byte) {
	w.Helper()
	w.move("Leave", groupName(a), b, false)
}

func (w *world) joinMany(_, b byte) {
	w.Helper()
	for n := range byte(14) {
		w.move("Join", groupName(n), b, true)
	}
}

func (w *world) move(method, group string, b byte, in bool) {
	w.Helper()
	c := w.one("test", b)
	if c == nil {
		return
	}
	_, ok, failed := w.call(c, method, `["`+group+`"]`)
	if !ok && !failed {
		w.Fatalf("%s failed, and nothing else has", method)
	}
	if ok {
		c.groups[group] = in
	}
}

func (w *world) tell(a, b byte) {
	w.Helper()
	group := groupName(a)
	w.speak(b, "Tell", group, func(c *resident) bool { return c.groups[group] })
}

func (w *world) tellUser(a, b byte) {
	w.Helper()
	user := fmt.Sprint("user", a%3)
	w.speak(b, "TellUser", user, func(c *resident) bool { return c.user == user })
}

func (w *world) tellAll(_, b byte) {
	w.Helper()
	w.speak(b, "TellAll", "", func(*resident) bool { return true })
}

// speak has a client say something, and checks who hears it.
func (w *world) speak(b byte, method, to string, hears func(*resident) bool) {
	w.Helper()
	c := w.one("test", b)
	if c == nil {
		return
	}
	text := w.text()
	arguments := `["` + text + `"]`
	if to != "" {
		arguments = `["` + to + `","` + text + `"]`
	}
	got, ok, failed := w.call(c, method, arguments)
	if !ok && !failed {
		w.Fatalf("%s failed, and nothing else has", method)
	}
	w.heard(c, got, text, ok, func(c *resident) bool { return c.hub == "test" && hears(c) })
}

// heard checks that those who are there have heard text once, and nobody else has.
// Sure: all of them should have.
func (w *world) heard(caller *resident, own []string, text string, sure bool, hears func(*resident) bool) {
	w.Helper()
	for _, c := range w.clients {
		got := own
		if c != caller {
			got = c.take()
		}
		want := 0
		if hears(c) {
			want = 1
		}
		if len(got) != want && (sure || len(got) > want) || len(got) == 1 && !strings.Contains(got[0], text) {
			w.Fatalf("socket %d heard %q, want %d of %q", c.socket, got, want, text)
		}
	}
}

func (w *world) post(_, b byte) {
	w.Helper()
	c := w.one("chat", b)
	if c == nil {
		return
	}
	text := w.text()
	got, ok, failed := w.call(c, "Post", `["`+text+`"]`)
	switch {
	case ok:
		w.posts = append(w.posts, posted{text, false})
	case !failed:
		w.Fatal("a post failed, and nothing else has")
	case !w.lost && !slices.Contains(w.clients, c):
		w.posts = append(w.posts, posted{text, true})
	}
	w.heard(c, got, text, ok, func(c *resident) bool { return ok && c.hub == "chat" })
}

func (w *world) evict(_, _ byte) {
	w.Helper()
	w.event(w.again)
}

func (w *world) close(_, b byte) {
	if len(w.clients) > 0 {
		i := int(b) % len(w.clients)
		c := w.clients[i]
		w.clients = slices.Delete(w.clients, i, i+1)
		w.end(c)
	}
}

// late is an alarm, hours late, or that was never set, and again.
func (w *world) late(a, b byte) {
	w.object.Advance(time.Duration(a) * time.Hour)
	for range b % 3 {
		w.event(func() { w.room.Alarm(); w.settle() })
	}
}

// refuse has one of the next writes fail.
func (w *world) refuse(a, _ byte) {
	w.fails = w.object.Stored().Puts() + int(a%6) + 1
	w.object.Stored().RefuseOne(int(a % 6))
}

// lose has the next event that writes fail as a whole.
func (w *world) lose(_, _ byte) { w.object.FailCommit() }

func (w *world) spend(_, _ byte) {
	w.Helper()
	t := ticket(w.object, 10_000*time.Hour)
	status := 0
	failed := w.event(func() { status = w.ask(t) })
	switch {
	case status == http.StatusOK && w.lost:
		// Nobody was told.
	case status == http.StatusOK:
		w.tickets = append(w.tickets, t)
	case !failed:
		w.Fatalf("a ticket was refused with %d, and nothing has failed", status)
	}
}

func (w *world) spendAgain(_, b byte) {
	w.Helper()
	if len(w.tickets) == 0 {
		return
	}
	t := w.tickets[int(b)%len(w.tickets)]
	if t.Until <= w.object.Now() {
		return
	}
	w.event(func() {
		if status := w.ask(t); status != http.StatusUnauthorized {
			w.Fatalf("a ticket that was spent is answered with %d", status)
		}
	})
}

func (w *world) ask(t *inside.Spend) (status int) {
	w.Helper()
	body, err := json.Marshal(t)
	if err != nil {
		w.Fatal(err)
	}
	status, _ = w.room.Ask(inside.PathSpend, body)
	w.settle()
	return status
}

// spoil has a client send what it may not.
func (w *world) spoil(a, b byte) {
	w.Helper()
	if len(w.clients) == 0 {
		return
	}
	i := int(b) % len(w.clients)
	c := w.clients[i]
	w.clients = slices.Delete(w.clients, i, i+1)
	w.event(func() { c.say([]string{"\x1e", "hello\x1e", "\xff\x1e", strings.Repeat("x", 40<<10)}[a%4]) })
	if w.object.Closed(c.socket) == nil {
		w.Fatal("who sends what it may not is still there")
	}
	w.object.Gone(c.socket)
}

// stray is an event of a socket that nobody knows, or a request that is none.
func (w *world) stray(a, b byte) {
	w.Helper()
	w.event(func() {
		w.room.Message(-1-int32(a), []byte{a, b})
		w.room.Closed(1<<30+int32(a), int(b), a%2 == 0)
		if refusal := w.room.Connect(1<<29, room.Connecting{Hub: "test", Token: w.object.ID() + "." + string(b)}); refusal == nil {
			w.Fatal("a socket was taken that nobody has negotiated")
		}
		if status, _ := w.room.Ask(string([]byte{'/', a}), []byte{b}); status == http.StatusOK {
			w.Fatal("a question that nobody understands was answered")
		}
		w.settle()
	})
}

var textOfItem = regexp.MustCompile(`"text":"(text \d+\.)"`)

// replay checks what is kept.
func (w *world) replay(_, _ byte) {
	w.Helper()
	c := w.one("chat", 0)
	if c == nil {
		w.connect(2, 0)
		c = w.clients[len(w.clients)-1]
	}
	failed := w.event(func() { c.say(`{"type":4,"invocationId":"1","target":"Replay","arguments":[]}` + "\x1e") })
	got := strings.Join(c.take(), "")
	if failed {
		return
	}
	if !strings.HasSuffix(got, `{"type":3,"invocationId":"1"}`+"\x1e") {
		w.Fatalf("a replay ended with %.300q", got[max(0, len(got)-300):])
	}
	kept := textOfItem.FindAllStringSubmatch(got, -1)
	for _, p := range w.posts {
		switch {
		case len(kept) > 0 && kept[0][1] == p.text:
			kept = kept[1:]
		case !p.unsure:
			w.Fatalf("%q was posted, and is not kept: %v", p.text, kept)
		}
	}
	if len(kept) > 0 {
		w.Fatalf("%v is kept, and nobody was told", kept)
	}
}
