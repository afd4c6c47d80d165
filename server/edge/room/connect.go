package room

import (
	"strings"

	"partline.dev/server/edge/inside"
	"partline.dev/server/grants"
	"partline.dev/server/handshake"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// Connecting is a request for a WebSocket.
type Connecting struct {
	Hub    string // the last segment of its path
	Token  string // as it was negotiated
	Origin string // of the page; empty: a program's
}

// The refusals of a socket. The text about ids is SignalR's.
var (
	errUnknownID = &inside.Refusal{Status: inside.StatusNotFound, Text: "No Connection with that ID"}
	errOrigin    = &inside.Refusal{Status: inside.StatusForbidden, Text: "Forbidden: this origin is not allowed"}
)

// Connect says whether a socket may be opened; nil: it is there, and its messages
// follow. The token is used up, unless another page brings it than the one that
// negotiated.
func (r *Room) Connect(socket int32, c Connecting) *inside.Refusal {
	r.begin(false)
	n, ok := r.memory.pending.look(c.Token)
	switch {
	case !ok || !strings.EqualFold(n.hub, c.Hub):
		return errUnknownID
	case n.origin != c.Origin:
		return errOrigin
	}
	if refusal := r.counts.admit(&r.options, n.address); refusal != nil {
		return refusal
	}
	if err := r.memory.pending.take(c.Token); err != nil {
		return r.unavailable("a negotiated connection could not be taken", err)
	}
	l := r.newLink(socket)
	l.record = n
	l.record.until = r.object.Now() + r.options.HandshakeTimeout
	if err := r.memory.save(socket, &l.record); err != nil {
		r.links.remove(l)
		return r.unavailable("a connection could not be written down", err)
	}
	r.counts.add(l)
	l.awaitHandshake()
	return nil
}

// over tells whether the socket takes nothing any more.
func (l *link) over() bool {
	l.room.outbox.mu.Lock()
	defer l.room.outbox.mu.Unlock()
	return l.closed
}

// awaitHandshake ends the link if its handshake does not come in time.
func (l *link) awaitHandshake() {
	wait := max(l.record.until-l.room.object.Now(), 0)
	l.stop = l.room.clock.after(wait, func() { l.refuse(handshake.TimedOut()) })
}

// passed notes that the link is not in its handshake any more.
func (l *link) passed() {
	if l.stop != nil {
		l.stop()
		l.stop = nil
		l.room.counts.shook(l)
	}
}

// shake takes a piece of the client's first record, and opens the connection when it
// is whole. Rest belongs to the hub protocol.
func (l *link) shake(data []byte) (rest []byte, ok bool) {
	l.partial = append(l.partial, data...)
	begun, refused := handshake.Read(l.partial, findCodec)
	switch {
	case refused != nil:
		l.refuse(refused)
		return nil, false
	case !begun.Done:
		return nil, false
	}
	l.partial = nil
	l.passed()
	l.say(handshake.Agree(nil)) // as text, which it is in every protocol
	l.speak(begun.Protocol)
	l.record.codec = begun.Protocol.Name()
	if err := l.open(false); err != nil {
		l.turnAway(err)
		return nil, false
	}
	return begun.Rest, true
}

// open adds the connection to the core. Again: it was there before the room came into
// memory.
func (l *link) open(again bool) (err error) {
	rec := &l.record
	if err := l.room.mayStay(&rec.principal); err != nil {
		return err
	}
	l.conn, err = l.room.core.Open(hub.OpenOptions{
		Hub: rec.hub, ID: rec.id, Codec: l.codec, Sink: l,
		Principal: rec.principal, Where: rec.where, Groups: rec.groups,
		Transport: "WebSockets", Quiet: true, Returning: again,
	})
	if err != nil {
		return err
	}
	_, l.groups = l.conn.Groups()
	// It stays there, whatever newer credentials would give who asks for nothing.
	rec.where = pinned(rec.where, l.conn.Access())
	return nil
}

// mayStay reports that p may not be here any more: the tenants may be others than when
// it was let in.
func (r *Room) mayStay(p *hub.Principal) error {
	t := r.tenantOf(p)
	if t == nil {
		return grants.Because(errNoTenant, "%q is no tenant any more", p.Tenant)
	}
	return grants.Blocked(p, t)
}

var errNoTenant = &access.Refusal{Code: access.CodeTenant, Message: "This place is not served here any more."}

// refuse answers a handshake with an error and ends the link.
func (l *link) refuse(refused *handshake.Refusal) {
	l.room.options.Log.Info("refused a handshake", "connection", l.record.id, "hub", l.record.hub, "reason", refused.Reason.Text, "error", refused.Err)
	l.passed()
	l.say(refused.Reply(nil))
	l.Close(refused.Reason)
}

// turnAway ends a link for which the core has no connection.
func (l *link) turnAway(err error) {
	l.room.options.Log.Info("turned a connection away", "connection", l.record.id, "hub", l.record.hub, "error", err)
	m := handshake.TurnedAway(err)
	l.say(l.codec.Append(nil, &m))
	l.Close(hub.CloseReason{Code: hub.CodeNormal, Text: "turned away", Again: m.AllowReconnect})
}

// activate notes that what arrives may change what is to be remembered.
func (l *link) activate() {
	l.room.outbox.mu.Lock()
	defer l.room.outbox.mu.Unlock()
	l.active = true
}

// calm is the opposite of activate, when nothing runs and all is written down.
func (l *link) calm() {
	l.room.outbox.mu.Lock()
	defer l.room.outbox.mu.Unlock()
	l.active = false
}

// stirred tells whether anything may have changed that is to be remembered. It is asked
// of every link at every event, so it takes no lock: active is set by events alone.
func (l *link) stirred() bool { return l.active || l.conn.GroupsVersion() != l.groups }

// changed brings the record up to date, and tells whether there was anything to do. The
// error is that nobody knows where the connection is.
func (l *link) changed() (changed bool, err error) {
	version := l.conn.GroupsVersion()
	if version != l.groups {
		l.record.groups, l.groups = l.conn.Groups()
		changed = true
	}
	if !l.active {
		return changed, nil
	}
	l.record.principal = l.conn.Principal()
	if l.asked.settled() {
		return true, nil
	}
	where, moved, err := l.asked.decide(l.conn.Access(), func(w access.Where) (access.Access, error) {
		return l.room.core.Access(l.record.hub, l.record.principal, w)
	})
	if moved {
		l.record.where = where
	}
	return true, err
}
