package contract

import (
	"fmt"
	"slices"
	"strings"
)

// Member is a [Method], [Event], [Stream] or [Query].
type Member interface {
	Descriptor() *Descriptor
}

// API is all that one hub can hear and say. It is what a server checks its
// handlers against, and what documents and typings are made from.
type API struct {
	hub     *Hub
	members []*Descriptor
}

// NewAPI returns the API of hub h. It panics if a member belongs to another
// hub, or if two members that travel the same way could not be told apart.
func NewAPI(h *Hub, members ...Member) *API {
	a := &API{hub: h}
	for _, m := range members {
		d := m.Descriptor()
		if d == nil {
			panic(fmt.Sprintf("contract: hub %s: a member is the zero value; make it with a constructor", h.name))
		}
		if d.hub != h {
			panic(fmt.Sprintf("contract: %s %s belongs to hub %s, not %s", d.kind, d.name, d.hub.name, h.name))
		}
		for _, e := range a.members {
			if err := clash(e, d); err != nil {
				panic(fmt.Sprintf("contract: hub %s: %v", h.name, err))
			}
		}
		a.members = append(a.members, d)
	}
	return a
}

// Hub is the hub whose API this is.
func (a *API) Hub() *Hub { return a.hub }

// Members are the descriptors in the order they were given.
func (a *API) Members() []*Descriptor { return slices.Clone(a.members) }

// clash says why old and added cannot be in one API: they would share a name,
// in the same direction, with an argument count in common.
func clash(old, added *Descriptor) error {
	if !strings.EqualFold(old.name, added.name) || old.toClient() != added.toClient() {
		return nil
	}
	if !added.overload && !old.overload {
		return fmt.Errorf("%s %s and %s %s have one name; another argument count needs contract.Overload()",
			old.kind, old.name, added.kind, added.name)
	}
	if old.kind != added.kind {
		return fmt.Errorf("%s is a %s and a %s", added.name, old.kind, added.kind)
	}
	if old.required <= len(added.arguments) && added.required <= len(old.arguments) {
		return fmt.Errorf("two methods %s can both take %d arguments", added.name, max(old.required, added.required))
	}
	return nil
}

// toClient tells whether the member travels from hub to client.
func (d *Descriptor) toClient() bool { return d.kind == KindEvent || d.kind == KindQuery }
