// Package linktest holds a link to what it has to make of what strangers send, in a
// test of the link's package:
//
//	func TestLink_hostile(t *testing.T) {
//		linktest.Run(t, func(t *testing.T, m *hub.Mux) func() linktest.Client {
//			s := serve(t, m)
//			return func() linktest.Client { return s.dial() }
//		})
//	}
//
// A link is what carries a connection between its client and the core: a WebSocket of
// package transport, and that of a room. The list of inputs is here, once; each comes
// to a server of its own, and whoever else is there hears nothing of it.
//
// Concurrency: every input has a bubble of package synctest, in which time does not
// pass while anything runs. All that began in it has ended when Run returns.
package linktest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// Client is the far end of a WebSocket for the hub of the test, which nobody has said
// anything on yet.
type Client interface {
	// Send sends one message. It may return before that is taken; one that is sent
	// after the end is lost.
	Send(binary bool, data []byte)

	// Settle is back when nothing runs any more that would by itself.
	Settle()

	// Take is what has come since it was called last, and how the server has closed
	// the WebSocket; nil: it is open.
	Take() (data string, end *End)

	// Leave ends the WebSocket, without a word.
	Leave()
}

// End is how a server closed a WebSocket.
type End struct {
	Code   int
	Reason string
}

// Run sends each of the inputs to a server that serve makes for a hub, with the
// defaults of its limits and no detailed errors; and everything is cleaned up with the
// test that serve is given. Dial opens a WebSocket for the hub.
func Run(t *testing.T, serve func(t *testing.T, m *hub.Mux) (dial func() Client)) {
	for _, in := range inputs() {
		t.Run(in.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newTalk()
				r := &run{T: t, talk: h, dial: serve(t, h.mux)}
				r.input(&in)
			})
		})
	}
}

// input is what a client sends, and what comes of it.
type input struct {
	name  string
	pack  bool     // it speaks MessagePack
	raw   bool     // it sends no handshake of its own before
	odd   bool     // its messages are of the other kind: binary for JSON
	send  []string // one message of the WebSocket each
	see   string   // what it is sent, without the answer to the handshake
	or    string   // what it may be sent as well, where answers have no order among them
	begin bool     // see is only how that begins
	code  int      // of the end; 0: there is none
	why   string   // part of the reason
	half  bool     // it is in the middle of a message then
}

// run is one input on its way.
type run struct {
	*testing.T
	*talk

	dial func() Client
}

func (r *run) input(in *input) {
	other := r.join("json")
	c := r.dial()
	if !in.raw {
		r.shake(c, in.protocol())
	}
	for _, data := range in.send {
		c.Send(in.pack != in.odd, []byte(data))
	}
	r.settle(c, other)
	got, end := c.Take()
	switch {
	case in.code == 0 && end != nil:
		r.Errorf("it was closed with %d %q", end.Code, end.Reason)
	case in.code != 0 && (end == nil || end.Code != in.code || !strings.Contains(end.Reason, in.why)):
		r.Errorf("it was closed with %+v, want %d %q", end, in.code, in.why)
	}
	if in.begin && !strings.HasPrefix(got, in.see) || !in.begin && got != in.see && (in.or == "" || got != in.or) {
		r.Errorf("it was sent %.400q\nwant        %.400q", got, in.see)
	}
	if text := strings.ToLower(got); strings.Contains(text, "goroutine") || strings.Contains(text, ".go:") || strings.Contains(text, secret) {
		r.Errorf("it was told what is internal: %.400q", got)
	}
	if end == nil && !in.half {
		r.answers(c, in)
	}
	if heard, end := other.Take(); heard != "" || end != nil {
		r.Errorf("somebody else was sent %.400q, and closed: %v", heard, end)
	}
	r.publish()
	r.settle(c, other)
	if heard, end := other.Take(); heard != heardMessage("well?") || end != nil {
		r.Errorf("then somebody else was sent %.400q, and closed: %v", heard, end)
	}
	c.Leave()
	other.Leave()
	r.settle(c, other)
	if begun, ended := r.counts(); begun != ended || begun == 0 {
		r.Errorf("OnConnect ran for %d connections, OnDisconnect for %d", begun, ended)
	}
}

func (in *input) protocol() string {
	if in.pack {
		return "messagepack"
	}
	return "json"
}

// join is somebody who is past the handshake.
func (r *run) join(protocol string) Client {
	r.Helper()
	c := r.dial()
	r.shake(c, protocol)
	return c
}

func (r *run) shake(c Client, protocol string) {
	r.Helper()
	c.Send(false, []byte(handshake(protocol)))
	c.Settle()
	if got, end := c.Take(); got != "{}"+rs || end != nil {
		r.Fatalf("the handshake was answered with %q, %v", got, end)
	}
}

func (r *run) settle(clients ...Client) {
	for range 2 { // what one end does may have work for the other
		for _, c := range clients {
			c.Settle()
		}
	}
}

// answers checks that the connection goes on.
func (r *run) answers(c Client, in *input) {
	r.Helper()
	if in.pack {
		c.Send(true, packAdd("end", 1, 2))
	} else {
		c.Send(false, []byte(call("end", "Add", "1,2")))
	}
	c.Settle()
	got, end := c.Take()
	want := answer("end", `{"total":3}`)
	if in.pack {
		want = string(packSum("end", 3))
	}
	if got != want || end != nil {
		r.Errorf("then a call was answered with %q, %v, want %q", got, end, want)
	}
}

// publish says "well?" to everybody.
func (r *run) publish() {
	r.Helper()
	if err := hub.Publish(context.Background(), r.mux.All(), heardEvent, say{"well?"}); err != nil {
		r.Fatal(err)
	}
}

// secret is what the hub's own errors and panics say, which is nobody's business.
const secret = "the-password"

// talk is the hub, and how many came and went.
type talk struct {
	mux *hub.Mux

	mu           sync.Mutex // Protects following.
	begun, ended int
}

func (h *talk) counts() (begun, ended int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.begun, h.ended
}

// The hub's contract.
var (
	talkHub    = contract.NewHub("link")
	sayMethod  = contract.NewMethod[say, contract.None](talkHub, "Say")
	addMethod  = contract.NewMethod[add, sum](talkHub, "Add")
	joinMethod = contract.NewMethod[say, contract.None](talkHub, "Join")
	sumMethod  = contract.NewMethod[items, sum](talkHub, "Sum")
	failMethod = contract.NewMethod[say, contract.None](talkHub, "Fail")
	waitMethod = contract.NewMethod[contract.None, contract.None](talkHub, "Wait")
	heardEvent = contract.NewEvent[say](talkHub, "heard")
	talkAPI    = contract.NewAPI(talkHub, sayMethod, addMethod, joinMethod, sumMethod, failMethod, waitMethod, heardEvent)
)

type (
	say   struct{ Text string }
	add   struct{ A, B int }
	sum   struct{ Total int }
	items struct{ Items contract.Upload[int] }
)

func newTalk() *talk {
	h := &talk{mux: hub.New(talkAPI)}
	m, none := h.mux, contract.None{}
	hub.Handle(m, sayMethod, func(x *hub.Context, s say) (contract.None, error) {
		return none, hub.Publish(x, x.Caller(), heardEvent, s)
	})
	hub.Handle(m, addMethod, func(_ *hub.Context, a add) (sum, error) { return sum{a.A + a.B}, nil })
	hub.Handle(m, joinMethod, func(x *hub.Context, s say) (contract.None, error) { return none, x.Join(s.Text) })
	hub.Handle(m, sumMethod, func(_ *hub.Context, in items) (s sum, err error) {
		for n, err := range in.Items.Values {
			if err != nil {
				return sum{}, err
			}
			s.Total += n
		}
		return s, nil
	})
	hub.Handle(m, failMethod, func(_ *hub.Context, s say) (contract.None, error) {
		if s.Text == "panic" {
			panic(secret)
		}
		return none, fmt.Errorf("it fails: %s", secret)
	})
	hub.Handle(m, waitMethod, func(x *hub.Context, _ contract.None) (contract.None, error) {
		<-x.Done()
		return none, nil
	})
	m.OnConnect(func(*hub.Context) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.begun++
		return nil
	})
	m.OnDisconnect(func(*hub.Context, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.ended++
	})
	return h
}
