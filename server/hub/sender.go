package hub

import "partline.dev/shared/wire"

// What an event that was published from a call says about who called, as headers
// of its message. A client cannot write them: the core does, by the principal that
// the server established.
const (
	headerID    = "from-id"
	headerName  = "from-name"
	headerIcon  = "from-icon"
	headerGuest = "from-guest" // "true": nobody vouches for the name
)

// sender is what an event says about who called; nil if nobody did, or an
// anonymous guest, so that the event is as SignalR has it.
//
// It takes the connection's mutex, so it is asked for before an event is
// delivered: a room's mutex may be held then.
func (c Targets) sender() []wire.Header {
	if c.caller == nil {
		return nil
	}
	p := c.caller.Principal()
	if p.ID == "" && p.Name == "" {
		return nil
	}
	list := make([]wire.Header, 0, 3)
	if p.ID != "" {
		list = append(list, wire.Header{Name: headerID, Value: p.ID})
	}
	if p.Name != "" {
		list = append(list, wire.Header{Name: headerName, Value: p.Name})
	}
	if p.Icon != "" {
		list = append(list, wire.Header{Name: headerIcon, Value: p.Icon})
	}
	if p.Guest() {
		list = append(list, wire.Header{Name: headerGuest, Value: "true"})
	}
	return list
}
