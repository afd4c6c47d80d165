package room

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"partline.dev/server/grants"
	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/tenants"
	"partline.dev/shared/contract"
)

// Options say what a room is. Hubs must be there; the zero value of each limit is its
// default.
type Options struct {
	// Hubs makes the hubs of a room, each time that it comes into memory. The history is
	// the room's own.
	Hubs func(h history.Log) []*hub.Mux

	// Book is the tenants and what their people may do. Nil: there is one, with guests
	// of any kind.
	Book *tenants.Book

	// Signer renews session tokens, with the keys of the gateway. Nil: none is renewed.
	Signer *keys.Signer

	// Log is where the room says what went wrong. Nil: nowhere.
	Log *slog.Logger

	// MaxConnections is how many connections the room has at most. Zero: 2,000.
	MaxConnections int

	// MaxPerAddress is how many of them may be of one client address. Zero: all.
	MaxPerAddress int

	// HandshakesPerAddress is how many connections of one client address may have been
	// negotiated, or opened, that have not finished their handshake. Zero: 64.
	HandshakesPerAddress int

	// HandshakeTimeout is how long, in ms, that may take. Zero: 15,000.
	HandshakeTimeout int64

	// MessageLimit is the longest hub message a client may send, in bytes. Zero: 32 KiB.
	MessageLimit int

	// QueueLimit is how many bytes one event may queue for one connection before that
	// is closed. Zero: 4 MiB.
	QueueLimit int

	// HoldLimit is how many bytes a client may send while its calls still run, beside
	// what the core queues, also in one message. Zero: 1 MiB.
	HoldLimit int

	// HistoryBytes is how much history the room keeps, the oldest records going first.
	// Zero: 64 MiB.
	HistoryBytes int64

	// DetailedErrors tells clients the text of any error of a hub. For development.
	DetailedErrors bool
}

func (o *Options) withDefaults() {
	if o.Book == nil {
		o.Book = tenants.Single(nil)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	for _, one := range []struct {
		n        *int
		fallback int
	}{
		{&o.MaxConnections, 2000}, {&o.HandshakesPerAddress, 64}, {&o.MessageLimit, 32 << 10}, {&o.QueueLimit, 4 << 20}, {&o.HoldLimit, 1 << 20},
	} {
		if *one.n <= 0 {
			*one.n = one.fallback
		}
	}
	if o.MaxPerAddress <= 0 {
		o.MaxPerAddress = o.MaxConnections
	}
	if o.HandshakeTimeout <= 0 {
		o.HandshakeTimeout = 15_000
	}
}

// Room is the hubs of one place, and their connections.
type Room struct {
	object  Object
	options Options
	core    *hub.Core
	hubs    map[string]*hub.Mux // by name in lower case
	clock   clock
	outbox  outbox
	tasks   tasks
	memory  *memory
	links   links
	held    int // bytes, of all links
	counts  counts
	rules   map[*hub.Rules]*hub.Rules // of the room, by those of the tenant
}

// New returns the room of an object that has just come into memory. The error is one
// of the hubs, or ErrNewer: what the object stored is of a newer version of this
// program. Then nothing has changed, and the object should say so to who asks.
func New(o Object, options Options) (*Room, error) {
	options.withDefaults()
	r := &Room{
		object: o, options: options,
		clock: clock{object: o}, outbox: outbox{object: o, event: true},
		hubs: map[string]*hub.Mux{}, rules: map[*hub.Rules]*hub.Rules{},
	}
	r.tasks.ended = r.outbox.flush // which tells the object that it may be evicted
	memory, err := openMemory(o, &r.options)
	if err != nil {
		return nil, fmt.Errorf("room: %w", err)
	}
	r.memory = memory
	r.core = hub.NewCore(hub.Env{Now: o.Now, After: r.clock.after, Go: r.tasks.start}, &hub.Options{
		Log:            options.Log,
		DetailedErrors: options.DetailedErrors,
		MessageLimit:   options.MessageLimit,
		QueueLimit:     max(options.MessageLimit, 64<<10),
		KeepAlive:      never, // the platform notices who is gone, and an alarm would wake the room for each
		ClientTimeout:  never,
		Rules:          r.rulesOf,
		Refresh:        r.refresh,
	})
	for _, m := range options.Hubs(memory.history) {
		if err := r.core.Mount(m); err != nil {
			return nil, fmt.Errorf("room: %w", err)
		}
		r.hubs[strings.ToLower(m.Name())] = m
	}
	return r, nil
}

// rulesOf are what p may do in the room: what its tenant says, but for what is in
// other rooms. The one place is that of the principal's.
func (r *Room) rulesOf(p hub.Principal, hubName string) *hub.Rules {
	t := r.tenantOf(&p)
	if t == nil {
		return &hub.Rules{}
	}
	all := t.Rules(p, hubName)
	here := r.rules[all]
	if here == nil {
		rules := *all
		rules.Scopes &^= contract.ScopesOf(contract.ScopeWorld)
		rules.AnyPlace = false
		here = &rules
		r.rules[all] = here
	}
	return here
}

// tenantOf is whose visitor p is; nil: nobody's.
func (r *Room) tenantOf(p *hub.Principal) *tenants.Tenant { return r.options.Book.Tenant(p.Tenant) }

// Restore is a socket that was there before the room came into memory, with what was
// attached to it. It is called for each of them before anything else.
func (r *Room) Restore(socket int32, state []byte) {
	l := r.newLink(socket)
	rec, err := r.memory.load(state)
	if err != nil {
		r.options.Log.Error("a connection cannot go on", "error", err)
		again := hub.CloseReason{Code: codeRestart, Text: "the room cannot go on with this connection"}
		l.Close(again)
		return
	}
	l.record = rec
	r.counts.add(l)
	if rec.codec == "" {
		l.awaitHandshake()
		return
	}
	codec, ok := findCodec(rec.codec)
	if !ok {
		l.Close(hub.CloseReason{Code: codeRestart, Text: "unknown protocol"})
		return
	}
	l.speak(codec)
	if err := l.open(true); err != nil {
		r.options.Log.Info("a connection may not go on", "connection", rec.id, "error", err)
		l.turnAway(err)
	}
}

// codeRestart is the close code by which clients know that they may come back at once
// (the registry of RFC 6455: "service restart").
const codeRestart = 1012

func (r *Room) newLink(socket int32) *link {
	l := &link{room: r, socket: socket, gone: make(chan struct{})}
	r.links.add(l)
	return l
}

// Message is a message that came on a socket.
func (r *Room) Message(socket int32, data []byte) {
	r.begin(false)
	if l := r.links.find(socket); l != nil && !l.over() {
		l.activate()
		l.receive(data)
	}
}

// Closed is the end of a socket that the room has not closed itself.
func (r *Room) Closed(socket int32, code int, clean bool) {
	r.begin(false)
	l := r.links.find(socket)
	if l == nil {
		return
	}
	r.remove(l)
	var err error
	if !clean && code != hub.CodeNormal && code != hub.CodeGoingAway {
		err = fmt.Errorf("the socket ended with code %d", code)
	}
	l.shut()
	if l.conn != nil {
		l.conn.LinkClosed(err)
	}
}

// remove forgets a link whose socket has ended.
func (r *Room) remove(l *link) {
	if !r.links.remove(l) {
		return
	}
	close(l.gone)
	l.release()
	l.passed()
	r.counts.remove(l)
	if err := r.memory.forget(&l.record); err != nil {
		r.options.Log.Error("a connection that has ended could not be forgotten", "error", err)
	}
}

// Alarm is the alarm that was asked for, however late.
func (r *Room) Alarm() { r.begin(true) }

// begin is the beginning of every event, which [Room.Flush] ends. Rang: it is the alarm.
func (r *Room) begin(rang bool) {
	r.outbox.begin()
	r.clock.run(rang)
}

// Resume is what [Object.Soon] asked for.
func (r *Room) Resume() {
	r.begin(false)
	for _, l := range r.links.all {
		l.goOn()
	}
}

// Flush writes down what has changed and sends what is queued. It is called after each
// event. Busy: something still runs, or half a message has come, which would be lost
// if the object were evicted now.
func (r *Room) Flush() (busy bool) {
	r.remember()
	r.outbox.mu.Lock()
	r.outbox.send(nil)
	r.outbox.event = false
	if r.outbox.release() {
		r.object.Soon()
	}
	r.outbox.mu.Unlock()
	for _, l := range r.outbox.takeEnded() {
		r.remove(l)
	}
	if err := r.clock.failed(); err != nil {
		r.options.Log.Error("the alarm could not be set", "error", err)
	}
	busy = r.tasks.running()
	for _, l := range r.links.all {
		if !busy && l.active {
			l.calm()
		}
		if !l.missing.whole() || len(l.partial) > 0 {
			busy = true
		}
	}
	return busy
}

// remember writes down what of the connections has changed. A connection whose change
// cannot be written down is ended before it hears that there was one.
func (r *Room) remember() {
	for _, l := range r.links.all {
		if l.conn == nil || !l.stirred() || l.over() {
			continue
		}
		changed, err := l.changed()
		if err == nil && changed {
			err = r.memory.save(l.socket, &l.record)
		}
		if err == nil {
			continue
		}
		r.options.Log.Error("a connection cannot be remembered", "connection", l.record.id, "error", err)
		r.outbox.mu.Lock()
		r.outbox.drop(l)
		r.outbox.mu.Unlock()
		l.fail(hub.CloseReason{Code: hub.CodeTryAgainLater, Text: "the connection cannot be remembered", Again: true}, err)
	}
}

// refresh is that of [hub.Options], for session tokens.
func (r *Room) refresh(_ context.Context, p hub.Principal, token string) (hub.Principal, string, error) {
	if r.options.Signer == nil {
		return hub.Principal{}, "", errors.New("the room has no keys")
	}
	next, session, err := grants.Renew(r.options.Signer, r.options.Book, p, token, time.UnixMilli(r.object.Now()))
	next.Places = p.Places // the room is of one place
	return next, session, err
}
