package hub_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// diary is what a hub's events wrote down.
type diary struct {
	mu    sync.Mutex // Protects following.
	lines []string
}

func (d *diary) write(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

// expect compares what was written since the last expect, once nothing runs.
func (d *diary) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.lines, want) {
		t.Errorf("it went %q, want %q", d.lines, want)
	}
	d.lines = nil
}

// mux is a hub that writes down what happens on it.
func (d *diary) mux() *hub.Mux {
	m := talk(func(*hub.Context) error { d.write("run"); return nil })
	m.OnConnect(func(x *hub.Context) error {
		d.write("connect " + x.ConnectionID())
		if strings.HasPrefix(x.ConnectionID(), "bad") {
			return hub.Errorf("no")
		}
		return nil
	})
	m.OnReconnect(func(x *hub.Context) { d.write("reconnect " + x.ConnectionID()) })
	m.OnDisconnect(func(x *hub.Context, err error) {
		if err != nil {
			d.write("lost " + x.ConnectionID())
			return
		}
		d.write("disconnect " + x.ConnectionID())
	})
	return m
}

// lives opens a connection of the hub talk.
func lives(t *testing.T, core *hub.Core, o hub.OpenOptions) *peer {
	t.Helper()
	p := &peer{}
	o.Hub, o.Codec, o.Sink = "talk", wire.JSON, p
	conn, err := core.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	p.conn = conn
	return p
}

func TestOpen_late(t *testing.T) {
	d := &diary{}
	bubble(t, d.mux(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := lives(t, core, hub.OpenOptions{ID: "p", Late: true})
		d.expect(t)
		if err := hub.Publish(t.Context(), core.Hub("talk").All(), heardEvent, say{"early"}); err != nil {
			t.Error(err)
		}
		p.expect(t, `{"type":1,"target":"heard","arguments":["early"]}`) // it is in its rooms
		p.conn.Start()
		p.conn.Start()
		d.expect(t, "connect p")
		p.asked(t, "Run", "[]", 0)
		p.conn.LinkClosed(nil)
		d.expect(t, "run", "disconnect p")
		p.conn.Start()
		d.expect(t)
	})
}

func TestOpen_lateIsStartedByACall(t *testing.T) {
	d := &diary{}
	bubble(t, d.mux(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := lives(t, core, hub.OpenOptions{ID: "p", Late: true})
		p.asked(t, "Run", "[]", 0)
		p.conn.Start()
		d.expect(t, "connect p", "run")

		q := lives(t, core, hub.OpenOptions{ID: "q", Late: true})
		q.say(t, `{"type":1,"target":"Run","arguments":[]}`)
		d.expect(t, "connect q", "run")

		bad := lives(t, core, hub.OpenOptions{ID: "bad", Late: true})
		if a := bad.asked(t, "Run", "[]", 0); !errors.Is(a.Err, hub.ErrClosed) {
			t.Errorf("a call of a refused connection gave %v", a.Err)
		}
		d.expect(t, "connect bad")
	})
}

func TestOnDisconnect_notOfAConnectionThatNeverStarted(t *testing.T) {
	for _, greets := range []bool{true, false} {
		d := &diary{}
		m := d.mux()
		if !greets {
			m.OnConnect(nil)
		}
		bubble(t, m, nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
			lives(t, core, hub.OpenOptions{ID: "p", Late: true}).conn.LinkClosed(nil)
			d.expect(t)
			p := lives(t, core, hub.OpenOptions{ID: "p", Late: true})
			p.conn.Start()
			synctest.Wait()
			p.conn.LinkClosed(errors.New("lost"))
			if greets {
				d.expect(t, "connect p", "lost p")
			} else {
				d.expect(t, "lost p")
			}
			if n := core.Stats().Connections; n != 0 {
				t.Errorf("%d connections are left", n)
			}
		})
	}
}

func TestOpen_returning(t *testing.T) {
	d := &diary{}
	bubble(t, d.mux(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := lives(t, core, hub.OpenOptions{ID: "p", Returning: true, Groups: []string{"g"}})
		p.asked(t, "Run", "[]", 0)
		p.conn.LinkClosed(errors.New("lost"))
		d.expect(t, "reconnect p", "run", "lost p")

		q := lives(t, core, hub.OpenOptions{ID: "q", Returning: true, Late: true})
		q.conn.LinkClosed(nil) // OnConnect of another server has run
		d.expect(t, "disconnect q")

		r := lives(t, core, hub.OpenOptions{ID: "r", Returning: true, Late: true})
		r.conn.Reconnected()
		d.expect(t, "reconnect r")
	})
}

func TestReconnected(t *testing.T) {
	d := &diary{}
	m := d.mux()
	m.Use(hub.Filter{Reconnect: func(_ *hub.Context, next func()) {
		d.write("outer")
		next()
		d.write("outer end")
	}})
	m.Use(hub.Filter{Reconnect: func(_ *hub.Context, next func()) { d.write("inner"); next() }})
	var kinds []hub.OperationKind
	o := &hub.Options{Trace: func(ctx context.Context, op hub.Operation) (context.Context, func(error)) {
		kinds = append(kinds, op.Kind)
		return ctx, func(error) {}
	}}
	bubble(t, m, o, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := lives(t, core, hub.OpenOptions{ID: "p", Late: true})
		p.conn.Reconnected()
		d.expect(t, "connect p", "outer", "inner", "reconnect p", "outer end")
		p.conn.Reconnected()
		d.expect(t, "outer", "inner", "reconnect p", "outer end")
		if want := []hub.OperationKind{hub.OperationConnect, hub.OperationReconnect, hub.OperationReconnect}; !slices.Equal(kinds, want) {
			t.Errorf("traced %v, want %v", kinds, want)
		}
		p.conn.LinkClosed(nil)
		d.expect(t, "disconnect p")
		p.conn.Reconnected()
		d.expect(t)
	})
}

func TestReconnected_waitsOnceBehindASlowCall(t *testing.T) {
	release := make(chan struct{})
	m := talk(func(*hub.Context) error { <-release; return nil })
	times := 0
	m.OnReconnect(func(*hub.Context) { times++; panic("it is logged, and no more") })
	bubble(t, m, nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		release = make(chan struct{})
		p := open("p")
		p.calls(t, hub.Call{Method: "Run"})
		synctest.Wait()
		for range 1000 {
			p.conn.Reconnected()
		}
		close(release)
		synctest.Wait()
		if times != 1 || core.Stats().Panics != 1 {
			t.Errorf("OnReconnect ran %d times with %d panics, want 1 of each", times, core.Stats().Panics)
		}
		if a := p.asked(t, "Add", "[1,2]", 2); a.Err != nil {
			t.Error(a.Err)
		}
	})
}

// TestStart_beforeAndAfterTheEnd races Start, Reconnected and a call against the
// connection's end: OnDisconnect runs exactly if OnConnect has.
func TestStart_beforeAndAfterTheEnd(t *testing.T) {
	d := &diary{}
	bubble(t, d.mux(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		for i := range 300 {
			p := lives(t, core, hub.OpenOptions{ID: "p", Late: true})
			var all sync.WaitGroup
			all.Go(p.conn.Start)
			if i%2 == 0 {
				all.Go(p.conn.Reconnected)
			}
			all.Go(func() { _, _ = p.conn.Call(hub.Call{Method: "Run"}) })
			all.Go(func() { p.conn.LinkClosed(errors.New("lost")) })
			all.Wait()
			synctest.Wait()
			d.mu.Lock()
			came, went := slices.Contains(d.lines, "connect p"), slices.Contains(d.lines, "lost p")
			last := len(d.lines) == 0 || d.lines[len(d.lines)-1] == "lost p"
			if came != went || !last {
				t.Errorf("it went %q", d.lines)
			}
			d.lines = nil
			d.mu.Unlock()
		}
	})
}

func TestOpen_oneIDOnSeveralHubs(t *testing.T) {
	m := talk(nil)
	bubble(t, m, nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		other := hub.New(foreignAPI)
		if err := core.Mount(other); err != nil {
			t.Fatal(err)
		}
		here, there := open("one"), &peer{}
		conn, err := core.Open(hub.OpenOptions{Hub: "foreign", ID: "one", Codec: wire.JSON, Sink: there})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"talk", "foreign"} {
			if _, err := core.Open(hub.OpenOptions{Hub: name, ID: "one", Codec: wire.JSON, Sink: &peer{}}); !errors.Is(err, hub.ErrDuplicateConnection) {
				t.Errorf("the id a second time on %s gave %v", name, err)
			}
		}
		if n := core.Stats().Connections; n != 2 {
			t.Errorf("%d connections, want 2", n)
		}
		if err := other.Join("one", "g"); err != nil {
			t.Error(err)
		}
		for _, publish := range []error{
			hub.Publish(t.Context(), m.Client("one"), heardEvent, say{"a"}),
			hub.Publish(t.Context(), m.Group("g"), heardEvent, say{"nobody"}),
			hub.Publish(t.Context(), other.Client("one"), foreignSaid, say{"b"}),
			hub.Publish(t.Context(), other.AllExcept("one"), foreignSaid, say{"nobody"}),
		} {
			if publish != nil {
				t.Error(publish)
			}
		}
		here.expect(t, `{"type":1,"target":"heard","arguments":["a"]}`)
		there.expect(t, `{"type":1,"target":"said","arguments":["b"]}`)
		here.conn.LinkClosed(nil)
		synctest.Wait()
		if err := m.Join("one", "g"); !errors.Is(err, hub.ErrUnknownConnection) {
			t.Errorf("the connection that ended is still found: %v", err)
		}
		if err := other.Join("one", "h"); err != nil {
			t.Errorf("the other one is gone with it: %v", err)
		}
		conn.LinkClosed(nil)
		synctest.Wait()
		if n := core.Stats().Connections; n != 0 {
			t.Errorf("%d connections are left", n)
		}
		open("one")
	})
}

func TestOpen_unlistedHearsNothing(t *testing.T) {
	m := hub.New(contract.NewAPI(talkHub, runMethod, heardEvent))
	hub.Handle(m, runMethod, func(x *hub.Context, _ contract.None) (contract.None, error) {
		return contract.None{}, errors.Join(x.Join("g"), hub.Publish(x, x.Caller(), heardEvent, say{"caller"}),
			hub.Publish(x, x.Group("g"), heardEvent, say{"group"}), hub.Publish(x, x.All(), heardEvent, say{"all"}),
			hub.Publish(x, x.Client("p"), heardEvent, say{"client"}), hub.Publish(x, x.User("u"), heardEvent, say{"user"}))
	})
	bubble(t, m, nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := lives(t, core, hub.OpenOptions{ID: "p", Unlisted: true, Principal: hub.Principal{ID: "u"}})
		if a := p.asked(t, "Run", "[]", 0); a.Err != nil {
			t.Error(a.Err)
		}
		p.expect(t)
		if names, _ := p.conn.Groups(); !slices.Equal(names, []string{"g"}) {
			t.Errorf("it is in %q", names)
		}
	})
}

func TestOpen_unlistedComesAndGoesUnheard(t *testing.T) {
	d := &diary{}
	bubble(t, d.mux(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		for _, o := range []hub.OpenOptions{{Unlisted: true}, {Unlisted: true, Late: true}, {Unlisted: true, Returning: true}} {
			o.ID = "p"
			p := lives(t, core, o)
			p.conn.Start()
			p.asked(t, "Run", "[]", 0)
			p.conn.Reconnected()
			synctest.Wait()
			p.conn.LinkClosed(nil)
			d.expect(t, "run")
		}
	})
}

func TestGreeted(t *testing.T) {
	closed := func(c *hub.Conn) bool {
		synctest.Wait()
		select {
		case <-c.Greeted():
			return true
		default:
			return false
		}
	}
	d := &diary{}
	bubble(t, d.mux(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := lives(t, core, hub.OpenOptions{ID: "p", Late: true})
		if closed(p.conn) {
			t.Error("it is greeted before it starts")
		}
		p.conn.Start()
		if !closed(p.conn) {
			t.Error("it is not greeted once OnConnect has run")
		}
		if bad := lives(t, core, hub.OpenOptions{ID: "bad"}); closed(bad.conn) {
			t.Error("a connection that was refused is greeted")
		}
		back := lives(t, core, hub.OpenOptions{ID: "back", Returning: true, Late: true})
		if !closed(back.conn) {
			t.Error("who returns was greeted before")
		}
		back.conn.Start()
		if !closed(back.conn) {
			t.Error("who returned is not greeted any more")
		}
	})
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		if !closed(open("p").conn) {
			t.Error("where nothing greets, nobody is greeted")
		}
	})
}
