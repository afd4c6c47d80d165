package room

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	"partline.dev/server/edge/inside"
	"partline.dev/server/handshake"
	"partline.dev/shared/access"
)

// maxPending is how many connections may have been negotiated and not opened yet, of
// all clients.
const maxPending = 1024

// What is said when as many are negotiated as may be.
var (
	errPendingFull  = &inside.Refusal{Status: inside.StatusServiceUnavailable, Text: handshake.TextNegotiated, Retry: 5}
	errPendingShare = &inside.Refusal{Status: inside.StatusTooManyRequests, Code: access.CodeRate, Text: handshake.TextNegotiatedByAddress, Retry: 5}
	errPendingKept  = &inside.Refusal{Status: inside.StatusServiceUnavailable, Text: "The room can take nobody at the moment. Try again later.", Retry: 30}
)

// pending are the connections that were negotiated and not opened yet. They are in
// storage, as the room may be out of memory before they come.
type pending struct {
	object   Object
	storage  Storage
	share    int   // of one address
	lifetime int64 // in ms

	waiting   map[string]waiting // by secret; nil: not read yet
	addresses map[string]int     // how many wait of each
}

// waiting is what is known of one without asking the storage.
type waiting struct {
	address string
	until   int64
}

func newPending(o Object, share int, lifetime int64) *pending {
	return &pending{object: o, storage: o.Storage(), share: share, lifetime: lifetime}
}

// add keeps a connection that n asks for until its time is over, and names it. Access
// is the caller's to say. On a refusal nothing has changed.
func (p *pending) add(n *inside.Negotiation) (*inside.Negotiated, *inside.Refusal) {
	if p.open() != nil || p.sweep() != nil {
		return nil, errPendingKept
	}
	switch {
	case len(p.waiting) >= maxPending:
		return nil, errPendingFull
	case p.addresses[n.Address] >= p.share:
		return nil, errPendingShare
	}
	secret, now := newID(), p.object.Now()
	token := p.object.ID() + "." + secret
	r := record{
		id: token, hub: n.Hub, address: n.Address, origin: n.Origin,
		principal: n.Principal, where: n.Where, since: now, until: now + p.lifetime,
	}
	if !n.Old {
		r.id = newID()
	}
	if p.storage.Put(keyOf(prefixPending, secret), r.append(nil)) != nil {
		return nil, errPendingKept
	}
	p.note(secret, &r)
	return &inside.Negotiated{ID: r.id, Token: token}, nil
}

// newID is 128 random bits, as 22 characters.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// look is the connection that a token was given for, which must be opened before its
// time is over, and once.
func (p *pending) look(token string) (r record, ok bool) {
	secret, ok := p.secret(token)
	if !ok {
		return record{}, false
	}
	value, err := p.storage.Get(keyOf(prefixPending, secret))
	if err != nil || value == nil {
		return record{}, false
	}
	r, err = readRecord(value)
	return r, err == nil && r.until > p.object.Now()
}

// take removes the connection of a token, which is opened.
func (p *pending) take(token string) error {
	secret, ok := p.secret(token)
	if !ok {
		return nil
	}
	if err := p.open(); err != nil {
		return err
	}
	return p.remove(secret)
}

// secret is that of a token for this object.
func (p *pending) secret(token string) (secret string, ok bool) {
	object, secret, ok := strings.Cut(token, ".")
	return secret, ok && object == p.object.ID()
}

// open reads which wait, once.
func (p *pending) open() error {
	if p.waiting != nil {
		return nil
	}
	p.waiting, p.addresses = map[string]waiting{}, map[string]int{}
	var unreadable []string
	err := eachUnder(p.storage, prefixPending, 64, func(key string, value []byte) {
		secret, ok := nameIn(key[len(prefixPending):])
		r, err := readRecord(value)
		if !ok || err != nil {
			unreadable = append(unreadable, key)
			return
		}
		p.note(secret, &r)
	})
	for _, key := range unreadable {
		if err == nil {
			err = p.storage.Delete(key)
		}
	}
	if err != nil {
		p.waiting = nil
	}
	return err
}

func (p *pending) note(secret string, r *record) {
	p.waiting[secret] = waiting{r.address, r.until}
	p.addresses[r.address]++
}

// remove forgets one, if it waits.
func (p *pending) remove(secret string) error {
	w, ok := p.waiting[secret]
	if !ok {
		return nil
	}
	if err := p.storage.Delete(keyOf(prefixPending, secret)); err != nil {
		return err
	}
	delete(p.waiting, secret)
	if p.addresses[w.address]--; p.addresses[w.address] == 0 {
		delete(p.addresses, w.address)
	}
	return nil
}

// sweep removes those whose time is over.
func (p *pending) sweep() error {
	now := p.object.Now()
	for secret, w := range p.waiting {
		if w.until > now {
			continue
		}
		if err := p.remove(secret); err != nil {
			return err
		}
	}
	return nil
}
