package room_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"partline.dev/server/chat"
	"partline.dev/server/connected"
	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/room"
	"partline.dev/server/edge/room/roomtest"
	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The hub of these tests, beside the built-in ones.
var (
	testHub = contract.NewHub("test")

	joinMethod  = contract.NewMethod[name, contract.None](testHub, "Join")
	leaveMethod = contract.NewMethod[name, contract.None](testHub, "Leave")
	tellMethod  = contract.NewMethod[line, contract.None](testHub, "Tell")
	userMethod  = contract.NewMethod[line, contract.None](testHub, "TellUser")
	allMethod   = contract.NewMethod[name, contract.None](testHub, "TellAll")
	askMethod   = contract.NewMethod[name, string](testHub, "Ask")
	floodMethod = contract.NewMethod[flood, contract.None](testHub, "Flood")
	countStream = contract.NewStream[flood, string](testHub, "Count")
	question    = contract.NewQuery[name, string](testHub, "question")
	told        = contract.NewEvent[name](testHub, "told")
	livesMethod = contract.NewMethod[contract.None, []string](testHub, "Lives")
	laterMethod = contract.NewMethod[contract.None, string](testHub, "Later")
)

type (
	name  struct{ Name string }
	line  struct{ To, Text string }
	flood struct{ Bytes, Times int }
)

var testAPI = contract.NewAPI(testHub, joinMethod, leaveMethod, tellMethod, userMethod, allMethod, askMethod, floodMethod, countStream, question, told, livesMethod, laterMethod)

// newTestHub returns the hub, which counts in lives what happened to connections.
func newTestHub(lives *lives) *hub.Mux {
	m := hub.New(testAPI)
	none := contract.None{}
	hub.Handle(m, joinMethod, func(x *hub.Context, n name) (contract.None, error) { return none, x.Join(n.Name) })
	hub.Handle(m, leaveMethod, func(x *hub.Context, n name) (contract.None, error) { return none, x.Leave(n.Name) })
	hub.Handle(m, tellMethod, func(x *hub.Context, l line) (contract.None, error) {
		return none, hub.Publish(x, x.Group(l.To), told, name{l.Text})
	})
	hub.Handle(m, userMethod, func(x *hub.Context, l line) (contract.None, error) {
		return none, hub.Publish(x, x.User(l.To), told, name{l.Text})
	})
	hub.Handle(m, allMethod, func(x *hub.Context, n name) (contract.None, error) {
		return none, hub.Publish(x, x.All(), told, n)
	})
	hub.Handle(m, askMethod, func(x *hub.Context, n name) (string, error) {
		return hub.Invoke(x, x.Caller(), question, n)
	})
	hub.Handle(m, floodMethod, func(x *hub.Context, f flood) (contract.None, error) {
		for range f.Times {
			if err := hub.Publish(x, x.All(), told, name{strings.Repeat("x", f.Bytes)}); err != nil {
				return none, err
			}
		}
		return none, nil
	})
	hub.HandleStream(m, countStream, func(x *hub.Context, f flood) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for i := range f.Times {
				if !yield(fmt.Sprintf("%d%s", i, strings.Repeat(".", f.Bytes)), nil) {
					return
				}
			}
		}
	})
	hub.Handle(m, livesMethod, func(*hub.Context, contract.None) ([]string, error) { return lives.all(), nil })
	hub.Handle(m, laterMethod, func(*hub.Context, contract.None) (string, error) {
		<-time.After(time.Second)
		return "now", nil
	})
	m.OnConnect(func(x *hub.Context) error { lives.add("connected"); return nil })
	m.OnReconnect(func(x *hub.Context) { lives.add("reconnected") })
	m.OnDisconnect(func(x *hub.Context, err error) { lives.add("disconnected") })
	return m
}

// lives is what happened to connections, in order.
type lives struct {
	mu   sync.Mutex
	list []string
}

func (l *lives) add(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, what)
}

func (l *lives) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

// count is how often it happened.
func (l *lives) count(what string) (n int) {
	for _, one := range l.all() {
		if one == what {
			n++
		}
	}
	return n
}

// place is a room in an object that a test holds.
type place struct {
	*testing.T
	object  *roomtest.Fake
	options room.Options
	room    *room.Room
	sockets int32
	lives   lives
	busy    bool
	reset   bool // what an event wrote could not be kept: the room has to begin anew
}

// open runs f with a room, in a bubble: nothing waits for a clock.
func open(t *testing.T, o room.Options, f func(t *testing.T, p *place)) {
	synctest.Test(t, func(t *testing.T) {
		p := &place{T: t, object: roomtest.New(), options: o}
		p.options.Hubs = func(h history.Log) []*hub.Mux {
			return []*hub.Mux{connected.New(), chat.New(h), newTestHub(&p.lives)}
		}
		p.begin()
		f(t, p)
		for _, socket := range p.object.Sockets() {
			p.room.Closed(socket, 1000, true)
			p.settle()
		}
		for p.busy { // a handler waits for a clock, whoever has left
			<-time.After(time.Second)
			p.settle()
		}
	})
}

// begin makes the room anew over what its object has, as after an eviction.
func (p *place) begin() {
	p.Helper()
	r, err := room.New(p.object, p.options)
	if err != nil {
		p.Fatal(err)
	}
	p.room = r
	for _, socket := range p.object.Sockets() {
		r.Restore(socket, p.object.Attachment(socket))
	}
	p.settle()
}

// settle ends an event: handlers run, and what is queued is sent.
func (p *place) settle() {
	p.Helper()
	for {
		synctest.Wait()
		p.busy = p.room.Flush()
		if err := p.object.Commit(); err != nil {
			p.reset = true
			return
		}
		synctest.Wait() // what the flush has started
		if !p.object.Asked() {
			return
		}
		p.room.Resume()
	}
}

// member is a client in the room.
type member struct {
	*place
	socket int32
	id     string
}

type joining struct {
	hub       string
	principal hub.Principal
	where     access.Where
	codec     string
	address   string
	origin    string
}

// negotiate asks for a connection.
func (p *place) negotiate(j joining) (*inside.Negotiated, *inside.Refusal) {
	p.Helper()
	body, err := json.Marshal(inside.Negotiation{
		Version: inside.Version, Hub: j.hub, Principal: j.principal, Where: j.where, Address: j.address, Origin: j.origin,
	})
	if err != nil {
		p.Fatal(err)
	}
	status, reply := p.room.Ask(inside.PathNegotiate, body)
	p.settle()
	if status != http.StatusOK {
		refusal := &inside.Refusal{}
		if err := json.Unmarshal(reply, refusal); err != nil {
			p.Fatalf("%d %s", status, reply)
		}
		return nil, refusal
	}
	made := &inside.Negotiated{}
	if err := json.Unmarshal(reply, made); err != nil {
		p.Fatal(err)
	}
	return made, nil
}

// connect is a member with its handshake behind it.
func (p *place) connect(j joining) *member {
	p.Helper()
	if j.hub == "" {
		j.hub = "test"
	}
	if j.codec == "" {
		j.codec = "json"
	}
	made, refusal := p.negotiate(j)
	if refusal != nil {
		p.Fatalf("negotiate: %+v", refusal)
	}
	m := p.socket(made, j)
	m.say(`{"protocol":"` + j.codec + `","version":1}` + "\x1e")
	if got := m.take(); len(got) != 1 || got[0] != "{}\x1e" {
		p.Fatalf("the handshake was answered with %q", got)
	}
	return m
}

// socket opens a socket for what was negotiated.
func (p *place) socket(made *inside.Negotiated, j joining) *member {
	p.Helper()
	p.sockets++
	m := &member{place: p, socket: p.sockets, id: made.ID}
	p.object.Open(m.socket)
	if refusal := p.room.Connect(m.socket, room.Connecting{Hub: j.hub, Token: made.Token, Origin: j.origin}); refusal != nil {
		p.Fatalf("connect: %+v", refusal)
	}
	p.settle()
	return m
}

// say sends a message as the client does.
func (m *member) say(text string) {
	m.Helper()
	m.room.Message(m.socket, []byte(text))
	m.settle()
}

// call calls a method and returns all that came then.
func (m *member) call(method, arguments string) []string {
	m.Helper()
	m.say(`{"type":1,"invocationId":"1","target":"` + method + `","arguments":` + arguments + "}\x1e")
	return m.take()
}

// take is what has come since it was asked last.
func (m *member) take() (all []string) {
	for _, one := range m.object.Take(m.socket) {
		all = append(all, string(one.Data))
	}
	return all
}
