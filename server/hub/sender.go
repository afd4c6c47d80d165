package hub

import (
	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// sender is what an event says about who called, by the principal that the server
// established; nil if nobody did, or an anonymous guest, so that the event is as
// SignalR has it.
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
		list = append(list, wire.Header{Name: access.HeaderID, Value: p.ID})
	}
	if p.Name != "" {
		list = append(list, wire.Header{Name: access.HeaderName, Value: p.Name})
	}
	if p.Icon != "" {
		list = append(list, wire.Header{Name: access.HeaderIcon, Value: p.Icon})
	}
	if p.Guest() {
		list = append(list, wire.Header{Name: access.HeaderGuest, Value: "true"})
	}
	return list
}
