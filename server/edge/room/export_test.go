package room

import (
	"reflect"

	"partline.dev/server/edge/inside"
	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// What tests of the memory see of it.
var (
	ErrRecord = errRecord
	ErrTorn   = errTorn
	ErrAsked  = errAsked
)

// MaxAsks, MaxPending and MaxRecord are the limits of those names.
const (
	MaxAsks    = maxAsks
	MaxPending = maxPending
	MaxRecord  = maxRecord
)

// Record is a record whose fields tests can set.
type Record struct {
	ID, Hub, Codec, Address, Origin string

	Principal    hub.Principal
	Where        access.Where
	Groups       []string
	Since, Until int64
}

func (r *Record) inside() *record {
	return &record{
		id: r.ID, hub: r.Hub, codec: r.Codec, address: r.Address, origin: r.Origin,
		principal: r.Principal, where: r.Where, groups: r.Groups, since: r.Since, until: r.Until,
	}
}

func outside(r record) Record {
	return Record{r.id, r.hub, r.codec, r.address, r.origin, r.principal, r.where, r.groups, r.since, r.until}
}

// Append appends the binary form.
func (r *Record) Append(dst []byte) []byte { return r.inside().append(dst) }

// ReadRecord reads what Append wrote.
func ReadRecord(data []byte) (Record, error) {
	r, err := readRecord(data)
	return outside(r), err
}

// RecordFields is how many fields a record has.
func RecordFields() int { return reflect.TypeFor[record]().NumField() }

// Memory is that of a room.
type Memory struct{ m *memory }

// OpenMemory opens what o has stored.
func OpenMemory(o Object, options Options) (Memory, error) {
	options.withDefaults()
	m, err := openMemory(o, &options)
	return Memory{m}, err
}

// Save has the socket keep r.
func (m Memory) Save(socket int32, r Record) error { return m.m.save(socket, r.inside()) }

// Load is the record that a socket keeps.
func (m Memory) Load(state []byte) (Record, error) {
	r, err := m.m.load(state)
	return outside(r), err
}

// Forget removes what is stored of r.
func (m Memory) Forget(r Record) error { return m.m.forget(r.inside()) }

// Negotiate keeps a connection that is to be opened.
func (m Memory) Negotiate(n *inside.Negotiation) (*inside.Negotiated, *inside.Refusal) {
	return m.m.pending.add(n)
}

// Look is the connection of a token.
func (m Memory) Look(token string) (Record, bool) {
	r, ok := m.m.pending.look(token)
	return outside(r), ok
}

// Take uses up a token.
func (m Memory) Take(token string) error { return m.m.pending.take(token) }

// Spend uses up a ticket.
func (m Memory) Spend(s *inside.Spend) *inside.Refusal { return m.m.spent.use(s) }

// SpendAtMost sets how many tickets are known to be spent.
func (m Memory) SpendAtMost(n uint64) { m.m.spent.most = n }

// History is the room's.
func (m Memory) History() history.Log { return m.m.history }

// LimitRooms sets how many rooms have a history.
func (m Memory) LimitRooms(n int) { m.m.history.mostRooms = n }

// PutAll puts all or nothing: keys and values in turn.
func PutAll(s Storage, keysAndValues ...string) error {
	var entries []entry
	for i := 0; i < len(keysAndValues); i += 2 {
		entries = append(entries, entry{keysAndValues[i], []byte(keysAndValues[i+1])})
	}
	return putAll(s, entries...)
}

// Asked is what a connection has asked for.
type Asked struct{ a asked }

// See reads what the client sends.
func (a *Asked) See(codec wire.Codec, data []byte) { a.a.see(codec, data) }

// Answered reads what the client is sent.
func (a *Asked) Answered(codec wire.Codec, message []byte) { a.a.answered(codec, message) }

// Decide is where the connection is.
func (a *Asked) Decide(now access.Access, would func(access.Where) (access.Access, error)) (access.Where, bool, error) {
	return a.a.decide(now, would)
}

// Held is how many bytes of messages the room holds that connections cannot take yet.
func (r *Room) Held() int { return r.held }

// Sizes are how many entries there are in all that grows with clients.
func (r *Room) Sizes() map[string]int {
	return map[string]int{
		"links": len(r.links.all), "addresses": len(r.counts.address), "counted": r.counts.all, "attached": len(r.memory.attached),
		"pending": len(r.memory.pending.waiting), "pending addresses": len(r.memory.pending.addresses), "rules": len(r.rules),
		"parcels": len(r.outbox.parcels), "waiting": len(r.outbox.waiting), "ended": len(r.outbox.ended), "held": r.held, "bytes": r.outbox.bytes,
	}
}
