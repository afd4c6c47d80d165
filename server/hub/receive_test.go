package hub_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

const rs = "\x1e"

var plain = hub.NewEncoding(wire.JSON, nil)

// peer is the far end of a connection, in bytes: what a stranger could send and
// what it would see.
type peer struct {
	conn *hub.Conn

	mu     sync.Mutex // Protects following.
	got    strings.Builder
	reason hub.CloseReason
	closed bool
	full   bool          // Send gives ErrOverflow
	room   chan struct{} // what Room gives
}

func (p *peer) Room() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.room == nil {
		return nil
	}
	return p.room
}

// fill lets the peer have no room, until the function that it returns is called.
func (p *peer) fill() (empty func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room, p.full = make(chan struct{}), true
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		close(p.room)
		p.room, p.full = nil, false
	}
}

func (p *peer) Send(e *hub.Event) error {
	b, err := e.Bytes(plain)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return hub.ErrClosed
	case p.full && !e.Last():
		return hub.ErrOverflow
	}
	p.got.Write(b)
	return nil
}

func (p *peer) Close(r hub.CloseReason) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed, p.reason = true, r
		if p.room != nil {
			close(p.room)
			p.room = nil
		}
	}
}

// isClosed tells whether the hub has closed the connection, why says for what.
func (p *peer) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *peer) why() hub.CloseReason {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason
}

func (p *peer) seen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got.String()
}

// bubble runs f in a synctest bubble with a core that mounts m.
func bubble(t *testing.T, m *hub.Mux, o *hub.Options, f func(t *testing.T, open func(id string) *peer, core *hub.Core)) {
	synctest.Test(t, func(t *testing.T) {
		var work sync.WaitGroup
		core := hub.NewCore(hub.Env{
			Now: func() int64 { return time.Now().UnixMilli() },
			After: func(ms int64, f func()) func() bool {
				return time.AfterFunc(time.Duration(ms)*time.Millisecond, f).Stop
			},
			Go: work.Go,
		}, o)
		if err := core.Mount(m); err != nil {
			t.Fatal(err)
		}
		defer work.Wait()
		defer core.Close()
		f(t, func(id string) *peer {
			p := &peer{}
			conn, err := core.Open(hub.OpenOptions{Hub: "TALK", ID: id, Codec: wire.JSON, Sink: p})
			if err != nil {
				t.Fatal(err)
			}
			p.conn = conn
			return p
		}, core)
	})
}

// TestReceive_badInput has the texts that only DetailedErrors shows. What else is bad
// input is in package linktest.
func TestReceive_badInput(t *testing.T) {
	const invalid = `{"type":3,"invocationId":"1","error":"Failed to invoke 'say' due to an error on the server. InvalidDataException: `
	for name, row := range map[string]struct {
		send, see string
		code      int // zero: the connection lives
	}{
		"too few arguments": {`{"type":1,"invocationId":"1","target":"say","arguments":[]}` + rs,
			invalid + `Invocation provides 0 argument(s) but target expects 1."}` + rs, 0},
		"too many arguments": {`{"type":1,"invocationId":"1","target":"say","arguments":["a","b"]}` + rs,
			invalid + `Invocation provides 2 argument(s) but target expects 1."}` + rs, 0},
		"over the limit": {strings.Repeat("x", 33<<10),
			`{"type":7,"error":"Connection closed with an error. InvalidDataException: The maximum message size of 32768B was exceeded. ` +
				`The message size can be configured in AddHubOptions."}` + rs, 1009},
	} {
		bubble(t, talk(nil), &hub.Options{DetailedErrors: true}, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
			p := open("p")
			_, err := p.conn.Receive([]byte(row.send))
			synctest.Wait()
			if got := p.seen(); got != row.see || p.isClosed() != (row.code != 0) || p.why().Code != row.code || (err != nil) != (row.code != 0) {
				t.Errorf("%s: saw  %q\nwant %q, closed %v with %+v, Receive gave %v", name, got, row.see, p.isClosed(), p.why(), err)
			}
		})
	}
}

// advance moves the bubble's clock.
func advance(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestReceive_wrongArgumentType(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		if _, err := p.conn.Receive([]byte(`{"type":1,"invocationId":"1","target":"Say","arguments":[{"a":1}]}` + rs)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		// Without DetailedErrors the client reads nothing but this.
		want := `{"type":3,"invocationId":"1","error":"Failed to invoke 'Say' due to an error on the server."}` + rs
		if got := p.seen(); got != want {
			t.Errorf("saw  %q\nwant %q", got, want)
		}
	})
}

func TestReceive_anySplitOfTheStream(t *testing.T) {
	in := `{"type":6}` + rs + `{"type":1,"invocationId":"1","target":"add","arguments":[1,2]}` + rs +
		`{"arguments":["x"],"target":"SAY","type":1}` + rs
	for step := 1; step <= len(in); step++ {
		bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
			p := open("p")
			for rest := in; rest != ""; {
				n := min(step, len(rest))
				if _, err := p.conn.Receive([]byte(rest[:n])); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			synctest.Wait()
			want := `{"type":3,"invocationId":"1","result":{"total":3}}` + rs + `{"type":1,"target":"heard","arguments":["x"]}` + rs
			if got := p.seen(); got != want {
				t.Errorf("in pieces of %d: saw %q, want %q", step, got, want)
			}
		})
	}
}

func TestReceive_waitsWhenTheQueueIsFull(t *testing.T) {
	release := make(chan struct{})
	m := talk(func(x *hub.Context) error {
		select {
		case <-release:
		case <-x.Done():
		}
		return nil
	})
	bubbleRelease := func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		release = make(chan struct{})
		p := open("p")
		run := []byte(`{"type":1,"target":"Run","arguments":[]}` + rs)
		var wait <-chan struct{}
		sent := 0
		for wait == nil {
			var err error
			if wait, err = p.conn.Receive(run); err != nil {
				t.Fatal(err)
			}
			if sent++; sent > 10_000 {
				t.Fatal("10,000 invocations queued without back-pressure")
			}
		}
		// Ping and Cancel still pass, and silence is no reason to close.
		if _, err := p.conn.Receive([]byte(`{"type":6}` + rs)); err != nil {
			t.Fatal(err)
		}
		advance(10 * time.Minute)
		if p.isClosed() {
			t.Fatalf("closed: %+v", p.why())
		}
		close(release)
		<-wait
		synctest.Wait()
		if wait, err := p.conn.Receive(run); wait != nil || err != nil {
			t.Errorf("after the queue emptied: %v, %v", wait, err)
		}
	}
	bubble(t, m, nil, bubbleRelease)
}

func TestKeepAlive(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		advance(16 * time.Second)
		if got := p.seen(); got != `{"type":6}`+rs {
			t.Fatalf("after 16 s of silence: %q, want one ping", got)
		}
		// A client that never pinged may be silent for ever.
		advance(5 * time.Minute)
		if p.isClosed() {
			t.Fatalf("closed %+v, though it never pinged", p.why())
		}
		if _, err := p.conn.Receive([]byte(`{"type":6}` + rs)); err != nil {
			t.Fatal(err)
		}
		advance(46 * time.Second)
		if !p.isClosed() || p.why().Text != "client timeout" {
			t.Errorf("30 s after its last ping: closed %v, %+v", p.isClosed(), p.why())
		}
		if want := `"allowReconnect":true`; !strings.Contains(p.seen(), want) {
			t.Errorf("saw %q, want %s", p.seen(), want)
		}
	})
}

func TestDrain_answersWhatWasAskedAndSaysComeBack(t *testing.T) {
	began, release := make(chan struct{}), make(chan struct{})
	m := talk(func(*hub.Context) error { close(began); <-release; return nil })
	synctestDrain := func(t *testing.T, open func(string) *peer, core *hub.Core) {
		began, release = make(chan struct{}), make(chan struct{})
		busy, idle := open("busy"), open("idle")
		if _, err := busy.conn.Receive([]byte(`{"type":1,"invocationId":"7","target":"Run","arguments":[]}` + rs +
			`{"type":1,"invocationId":"8","target":"Add","arguments":[1,1]}` + rs)); err != nil {
			t.Fatal(err)
		}
		<-began
		drained := make(chan error, 1)
		go func() { drained <- core.Drain(t.Context()) }()
		advance(5 * time.Second)
		if !idle.isClosed() || busy.isClosed() {
			t.Errorf("idle closed %v, busy closed %v", idle.isClosed(), busy.isClosed())
		}
		if _, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "late", Codec: wire.JSON, Sink: &peer{}}); err == nil {
			t.Error("a connection opened while draining")
		}
		close(release)
		if err := <-drained; err != nil {
			t.Error(err)
		}
		want := `{"type":3,"invocationId":"7","result":null}` + rs + `{"type":3,"invocationId":"8","result":{"total":2}}` + rs +
			`{"type":7,"allowReconnect":true}` + rs
		if got := busy.seen(); got != want {
			t.Errorf("saw  %q\nwant %q", got, want)
		}
		if busy.why().Code != hub.CodeGoingAway {
			t.Errorf("reason %+v", busy.why())
		}
	}
	bubble(t, m, nil, synctestDrain)
}

func TestSlowConnection_isClosedAloneWhileOthersHear(t *testing.T) {
	gone := make(chan error, 1)
	m := talk(nil)
	m.OnDisconnect(func(x *hub.Context, err error) {
		if x.ConnectionID() == "slow" {
			gone <- err
		}
	})
	bubble(t, m, nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		slow, quick := open("slow"), open("quick")
		slow.full = true
		for i := range 3 {
			if _, err := quick.conn.Receive(fmt.Appendf(nil, `{"type":1,"target":"Say","arguments":["%d"]}`+rs, i)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if slow.why().Code != hub.CodeTryAgainLater || slow.why().Text != "slow consumer" {
			t.Errorf("slow: %+v", slow.why())
		}
		if err := <-gone; err == nil {
			t.Error("OnDisconnect heard no reason")
		}
		if n := strings.Count(quick.seen(), `"heard"`); n != 3 {
			t.Errorf("the quick one heard %d of 3", n)
		}
		if s := core.Stats(); s.Overflows != 1 || s.Connections != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}
