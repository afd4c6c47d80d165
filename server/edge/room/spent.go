package room

import (
	"encoding/binary"

	"partline.dev/server/edge/inside"
	"partline.dev/server/grants"
	"partline.dev/shared/access"
)

// maxSpent is how many tickets are known to be spent: as many as at home. Each is
// forgotten when its time is over. When there are as many no more are taken: what is
// forgotten could be used again.
const maxSpent = 1 << 17

// forgetAtOnce is how many of those that are over one use forgets: more than it adds.
const forgetAtOnce = 64

// The refusals of tickets.
var (
	errTicket      = &inside.Refusal{Status: inside.StatusUnauthorized, Code: access.CodeTicket, Text: "This ticket is not good here."}
	errTicketOver  = &inside.Refusal{Status: inside.StatusUnauthorized, Code: access.CodeTicketExpired, Text: "The time of this ticket is over, or has not come."}
	errTicketSpent = &inside.Refusal{Status: inside.StatusUnauthorized, Code: access.CodeTicketSpent, Text: "This ticket was used before."}
	errTickets     = &inside.Refusal{Status: inside.StatusTooManyRequests, Code: access.CodeRate, Text: "Too many tickets are being used. Try again soon.", Retry: 5}
	errTicketKept  = &inside.Refusal{Status: inside.StatusServiceUnavailable, Text: "No ticket can be taken at the moment. Try again later.", Retry: 30}
)

// spent are the tickets that were used and whose time is not over.
type spent struct {
	object  Object
	storage Storage
	most    uint64
}

func newSpent(o Object) *spent { return &spent{object: o, storage: o.Storage(), most: maxSpent} }

// use spends a ticket: exactly one caller gets nil, until the ticket is over. On any
// other refusal than that it was used before nothing has changed.
func (s *spent) use(t *inside.Spend) *inside.Refusal {
	id, ok := grants.ParseID(t.Ticket)
	switch {
	case !ok:
		return errTicket
	case t.Until <= s.object.Now():
		return errTicketOver
	}
	name := string(id[:])
	used, err := s.storage.Get(keyOf(prefixTicket, name))
	switch {
	case err != nil:
		return errTicketKept
	case used != nil:
		return errTicketSpent
	}
	count, err := s.forget()
	switch {
	case err != nil:
		return errTicketKept
	case count >= s.most:
		return errTickets
	}
	until := binary.BigEndian.AppendUint64(nil, uint64(t.Until))
	err = putAll(s.storage,
		entry{keyTickets, binary.BigEndian.AppendUint64(nil, count+1)},
		entry{keyOf(prefixTicket, name), until},
		entry{keyOver(uint64(t.Until), name), []byte{1}},
	)
	if err != nil {
		return errTicketKept
	}
	return nil
}

// keyOver is the key by which a ticket is found when it is over.
func keyOver(until uint64, name string) string {
	return prefixOver + ordered(until) + keyOf("/", name)
}

// forget removes some of those that are over, and tells how many are known.
func (s *spent) forget() (count uint64, err error) {
	value, err := s.storage.Get(keyTickets)
	if err != nil || len(value) != 8 {
		return 0, err
	}
	count = binary.BigEndian.Uint64(value)
	var keys []string
	// Those that are over now are not needed any more: use asks for the time first.
	end := prefixOver + ordered(uint64(s.object.Now())+1)
	err = s.storage.List(prefixOver, end, forgetAtOnce, func(key string, _ []byte) bool {
		keys = append(keys, key)
		return true
	})
	if err != nil || len(keys) == 0 {
		return count, err
	}
	count -= uint64(len(keys))
	if err := s.storage.Put(keyTickets, binary.BigEndian.AppendUint64(nil, count)); err != nil {
		return 0, err
	}
	for _, key := range keys {
		name := key[len(prefixOver)+orderedLength+1:]
		if err := s.storage.Delete(prefixTicket + name); err != nil {
			return 0, err
		}
		if err := s.storage.Delete(key); err != nil {
			return 0, err
		}
	}
	return count, nil
}
