package hub_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

func TestOnDisconnect_comesAfterTheLastCall(t *testing.T) {
	for name, records := range map[string][]string{
		"a stream":          {stream("1", `1,""`)},
		"an upload":         {addUpCall("s")},
		"a stream of items": {`{"type":4,"invocationId":"1","target":"Twice","arguments":[3],"streamIds":["s"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			var running, late bool
			slowly := func(x *hub.Context) {
				running = true
				<-x.Done()
				<-time.After(time.Second)
				running = false
			}
			m := flow{
				count: func(x *hub.Context, _ count) items { return func(func(int, error) bool) { slowly(x) } },
				addUp: func(x *hub.Context, _ addUp) (int, error) { slowly(x); return 0, x.Err() },
			}.mux()
			m.Use(hub.Filter{Invoke: func(x *hub.Context, next func() (any, error)) (any, error) {
				if x.Method().Name() == "Twice" {
					slowly(x)
				}
				return next()
			}})
			gone := make(chan struct{})
			m.OnDisconnect(func(*hub.Context, error) { late = running; close(gone) })
			flows(t, m, nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
				gone = make(chan struct{})
				p.say(t, records...)
				if !running {
					t.Fatal("the call has not begun")
				}
				p.conn.LinkClosed(errors.New("lost"))
				<-gone
				if late {
					t.Error("OnDisconnect ran beside a call")
				}
			})
		})
	}
}

// hasty is a client that acts on what it hears before the hub has even returned
// from telling it.
type hasty struct {
	peer
	reader sync.Mutex // Held while the hub is given what the client says.
	react  func(record string)
}

func (h *hasty) says(t *testing.T, record string) {
	h.reader.Lock()
	defer h.reader.Unlock()
	if _, err := h.conn.Receive([]byte(record + rs)); err != nil {
		t.Error(err)
	}
}

func (h *hasty) Send(e *hub.Event) error {
	b, err := e.Bytes(plain)
	if err == nil {
		err = h.peer.Send(e)
	}
	h.react(string(b))
	return err
}

func TestCall_itsIDIsFreeOnceItIsAnswered(t *testing.T) {
	bubble(t, flow{}.mux(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		again := 2
		p := &hasty{}
		p.react = func(record string) {
			if strings.HasPrefix(record, `{"type":3`) && again > 0 {
				again--
				p.says(t, stream("1", `1,""`))
				<-time.After(time.Second) // so that it has begun
			}
		}
		conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: wire.JSON, Sink: p})
		if err != nil {
			t.Fatal(err)
		}
		p.conn = conn
		p.says(t, stream("1", `1,""`))
		advance(10 * time.Second)
		p.expect(t, item("1", 0), completion("1", ""), item("1", 0), completion("1", ""), item("1", 0), completion("1", ""))
	})
}

func TestInvoke_ofAClientThatLeaves(t *testing.T) {
	var leaving, aborted error
	f := flow{ask: func(x *hub.Context, text string) (string, error) {
		if text == "abort" {
			x.Abort()
			_, aborted = hub.Invoke(context.WithoutCancel(x), x.Caller(), nameQuery, say{})
			return "", aborted
		}
		<-time.After(3 * time.Second)
		_, leaving = hub.Invoke(x, x.Caller(), nameQuery, say{})
		return "", leaving
	}}
	m := f.mux()
	flows(t, m, nil, func(t *testing.T, p *peer, open func(string) *peer, _ *hub.Core) {
		p.say(t, strings.Replace(ask, "who?", "leave", 1), `{"type":7}`)
		if _, err := hub.Invoke(soon(t), m.Client("p"), nameQuery, say{}); !errors.Is(err, hub.ErrClosed) {
			t.Errorf("from outside: %v", err)
		}
		advance(time.Minute)
		if !errors.Is(leaving, hub.ErrClosed) {
			t.Errorf("after it said Close: %v", leaving)
		}
		if _, err := hub.Invoke(t.Context(), m.Client("p"), nameQuery, say{}); !errors.Is(err, hub.ErrUnknownConnection) {
			t.Errorf("when it is gone: %v", err)
		}
		other := open("other")
		other.say(t, strings.Replace(ask, "who?", "abort", 1))
		if !errors.Is(aborted, hub.ErrClosed) {
			t.Errorf("when it was just closed: %v", aborted)
		}
	})
}
