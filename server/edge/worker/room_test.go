package worker_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestRoom_isAsked(t *testing.T) {
	e := start(t, nil, nil)
	reply, body := e.get(t, "/ask?room=asked")
	for _, want := range []string{`"object":"` + e.room(t, "asked") + `"`, `"path":"/negotiate"`, `"body":"question"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the reply has no %s: %s", want, body)
		}
	}
	if reply.StatusCode != http.StatusCreated || reply.Header.Get("Content-Type") != "application/json" {
		t.Errorf("it has status %d and %v", reply.StatusCode, reply.Header)
	}
	if strings.Contains(body, "<undefined>") {
		t.Errorf("the room does not know its version: %s", body)
	}
}

func TestRoom_saysWhatGoSays(t *testing.T) {
	e := start(t, nil, nil)
	a := e.dial(t, "/hubs/connected/?id="+e.room(t, "says")+".x", http.Header{"Origin": {"https://contoso.example"}})
	a.hears("connected 0 connected https://contoso.example")
	b := e.join(t, "says")
	b.hears("connected 1 connected ")
	a.hears("connected 1 connected ")
	for _, text := range []string{"hello", "\ufeffé 😀 \x00 \x1e", "", strings.Repeat("long ", 100_000)} {
		a.say(text)
		a.hears(text)
		b.hears(text)
	}
	b.write(websocket.MessageBinary, "\x00\xff\xfe")
	a.hears("binary \x00\xff\xfe")
	b.hears("binary \x00\xff\xfe")
	// One of the two numbers is nobody's.
	a.asks("to me", "me")
	a.asks("all", "all")
	b.hears("all")
}

func TestRoom_refuses(t *testing.T) {
	e := start(t, nil, nil)
	conn, reply, err := e.try("/hubs/connected?id="+e.room(t, "refuses")+".refused", nil)
	if err == nil {
		_ = conn.CloseNow()
		t.Fatal("it was let in")
	}
	body, _ := io.ReadAll(reply.Body)
	if reply.StatusCode != http.StatusTooManyRequests || string(body) != "too many\n" || reply.Header.Get("Retry-After") != "7" || reply.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("it was refused with %d, %v: %q", reply.StatusCode, reply.Header, body)
	}
	a := e.join(t, "refuses")
	a.hears("connected 0 connected ") // the number that was refused is free
}

func TestRoom_closes(t *testing.T) {
	e := start(t, nil, nil)
	a, b := e.join(t, "closes"), e.join(t, "closes")
	a.hears("connected 0 connected ", "connected 1 connected ")
	b.hears("connected 1 connected ")
	b.say("close because")
	a.hears("closed 1 myself") // and nothing is heard of its end
	b.hears("ended StatusCode(4001) because")
	c := e.join(t, "closes")
	a.hears("connected 1 connected ")
	c.hears("connected 1 connected ")
	a.asks("still here", "still here")
}

func TestRoom_hearsWhoLeaves(t *testing.T) {
	e := start(t, nil, nil)
	a := e.join(t, "leaves")
	a.hears("connected 0 connected ")
	for _, c := range []struct {
		leave func(*websocket.Conn) error
		want  string
	}{
		{func(c *websocket.Conn) error { return c.Close(websocket.StatusGoingAway, "") }, "left 1 1001 true"},
		{func(c *websocket.Conn) error { return c.Close(4321, "bye") }, "left 1 4321 true"},
		{func(c *websocket.Conn) error { return c.Close(websocket.StatusNoStatusRcvd, "") }, "left 1 1005 true"},
		{(*websocket.Conn).CloseNow, "left 1 1006 false"},
	} {
		b := e.join(t, "leaves")
		a.hears("connected 1 connected ")
		b.hears("connected 1 connected ")
		if err := c.leave(b.conn); err != nil {
			t.Errorf("%s: the room did not close its side: %v", c.want, err)
		}
		a.hears(c.want)
	}
}

func TestRoom_pingsAreAnsweredWithoutGo(t *testing.T) {
	a := start(t, nil, nil).join(t, "pings")
	a.hears("connected 0 connected ")
	a.asks("{\"type\":6}\x1e", "{\"type\":6}\x1e")
	a.asks("after", "after")
}

func TestRoom_goesOn(t *testing.T) {
	a := start(t, nil, nil).join(t, "goes-on")
	a.hears("connected 0 connected ")
	a.say("soon") // twice is once
	a.hears("resumed")
	a.asks("alarm", "alarm")
	a.asks("after", "after")
}

func TestRoom_keeps(t *testing.T) {
	a := start(t, nil, nil).join(t, "keeps")
	a.hears("connected 0 connected ")
	a.asks("get a/1", "get: null")
	for _, put := range []string{"a/1=one", "a/2=two", "a/3=", "a/4=four", "b=other", "a/1=once more"} {
		a.asks("put "+put, "put: text ")
	}
	a.asks("get a/1", "get: bytes once more")
	a.asks("get a/3", "get: bytes ")
	a.asks("list a/ a0", "list: text a/1 bytes once more text a/2 bytes two text a/3 bytes ")
	a.asks("list a/2 a/4", "list: text a/2 bytes two text a/3 bytes ")
	a.asks("delete a/1", "delete: text ")
	a.asks("delete a/1", "delete: text ")
	a.asks("get a/1", "get: null")
	a.say("putlong b")
	if said := a.next(); !strings.HasPrefix(said, "put: text ") || said == "put: text " {
		t.Errorf("a value of 3 MB gives %q", said)
	}
	a.asks("get b", "get: bytes other")
	a.asks("attach short", "attach: text ")
	a.say("attachlong")
	if said := a.next(); !strings.HasPrefix(said, "attach: text ") || said == "attach: text " {
		t.Errorf("an attachment of 64 KiB gives %q", said)
	}
}

func TestRoom_beginsAnewWhenGoHasDied(t *testing.T) {
	e := start(t, nil, nil)
	for _, end := range []string{"panic", "nothing"} {
		a, b := e.join(t, end), e.join(t, end)
		a.hears("connected 0 connected ", "connected 1 connected ")
		b.hears("connected 1 connected ")
		a.say("put k=v")
		a.hears("put: text ")
		b.hears("put: text ")
		a.say(end)
		a.hears("ended StatusInternalError")
		b.hears("ended StatusInternalError")
		c := e.join(t, end)
		c.hears("connected 0 connected ")
		c.asks("get k", "get: bytes v")
	}
	e.logs(t, "panic: told to", "the room's program has ended; the room begins anew")
}

func TestRoom_thatDoesNotBegin(t *testing.T) {
	e := start(t, nil, map[string]string{"REFUSE": "1"})
	conn, reply, err := e.try("/hubs/connected?id="+e.room(t, "none")+".x", nil)
	if err == nil {
		_ = conn.CloseNow()
		t.Fatal("it was let in")
	}
	body, _ := io.ReadAll(reply.Body)
	if reply.StatusCode != http.StatusServiceUnavailable || reply.Header.Get("Retry-After") == "" || strings.Contains(string(body), "program") {
		t.Errorf("it was refused with %d, %v: %q", reply.StatusCode, reply.Header, body)
	}
	e.logs(t, "the room's program did not start")
}

func TestRoom_logs(t *testing.T) {
	e := start(t, nil, nil)
	before := e.log.String() // of other tests, and of this one when it ran before
	last := fmt.Sprint("last-line-", len(before))
	a := e.join(t, last)
	a.hears("connected 0 connected ")
	a.say("log a line of its own")
	a.say("timer")
	a.say("timer")
	a.asks("after", "after")
	a.say("log " + last)
	e.logs(t, last)
	for _, want := range []string{"a line of its own", "a Go timer keeps this room in memory"} {
		if n := strings.Count(e.log.String(), want) - strings.Count(before, want); n != 1 {
			t.Errorf("%q is %d times in the log:\n%s", want, n, e.log.String())
		}
	}
}

// idle is longer than workerd keeps an object in memory to which nothing happens.
const idle = 12 * time.Second

// Nothing says that a room was taken out of memory, so this waits.
func TestRoom_isEvictedAndComesBack(t *testing.T) {
	e := start(t, nil, nil)
	// One that is idle, one that pings, one that closed somebody and lost somebody, and
	// one in which something runs.
	quiet, other := e.join(t, "quiet"), e.join(t, "quiet")
	pings := e.join(t, "quiet-pings")
	left, leaving := e.join(t, "quiet-left"), e.join(t, "quiet-left")
	busy := e.join(t, "busy")
	quiet.hears("connected 0 connected ", "connected 1 connected ")
	other.hears("connected 1 connected ")
	pings.hears("connected 0 connected ")
	left.hears("connected 0 connected ", "connected 1 connected ")
	leaving.hears("connected 1 connected ")
	busy.hears("connected 0 connected ")
	busy.say("busy")

	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for end := time.After(idle); ; {
		select {
		case <-tick.C:
			pings.asks("{\"type\":6}\x1e", "{\"type\":6}\x1e")
			continue
		case <-end:
		}
		break
	}

	quiet.say("again")
	quiet.hears("begun", "restored 0 connected from ", "restored 1 connected from ", "again")
	other.hears("begun", "restored 0 connected from ", "restored 1 connected from ", "again")
	pings.say("again")
	pings.hears("begun", "restored 0 connected from ", "again")
	// Who leaves wakes the room, too.
	if err := leaving.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	left.hears("begun", "restored 0 connected from ", "restored 1 connected from ")
	if said := left.next(); said != "left 0 1000 true" && said != "left 1 1000 true" {
		t.Errorf("of who left it says %q", said)
	}
	busy.asks("again", "again") // it was not evicted
	busy.say("rest")
	busy.asks("after", "after")
}
