// Package contract describes what the two ends of a hub say to each other:
// names and Go types, and nothing else. A contract is a package of its own
// that both ends import, so a renamed message stops both ends compiling.
//
//	var Hub = contract.NewHub("connected")
//
//	type Send struct{ Name, Message string }
//
//	var (
//		SendMethod = contract.NewMethod[Send, contract.None](Hub, "Send")
//		API        = contract.NewAPI(Hub, SendMethod)
//	)
//
// Arguments are positional on the wire: the exported fields of a request or
// event struct in declared order. A trailing field tagged `arg:"optional"` may
// be absent. [None] says "no arguments" or "no result".
//
// Every mistake that a descriptor can hold is a panic in its constructor, so it
// is met when the program starts and never later.
//
// Concurrency: descriptors never change after construction and may be used from
// anywhere. Nothing here blocks.
package contract

import (
	"fmt"
	"iter"
	"reflect"
	"strings"
)

// MaxName is the longest name of a hub, method, event or stream, in bytes.
const MaxName = 255

// None is the request without arguments and the result that says nothing more
// than "done". On the wire it is an empty argument list, or null.
type None struct{}

// Upload is a field of a request through which the client sends many values
// after the call has begun. It leaves the positional arguments and travels as
// an upload stream.
type Upload[T any] struct {
	// Values are what travels. The caller of a method sets them; the handler
	// ranges over them, once. An error is the last of them: at the caller it
	// says that there is no more to come, at the handler that the caller said
	// so or is gone. Nil is an upload without values.
	Values iter.Seq2[T, error]
}

// uploadItem tells an Upload field from any other and names its item type.
func (Upload[T]) uploadItem() reflect.Type { return reflect.TypeFor[T]() }

// Hub names a set of methods, events and streams.
type Hub struct {
	name            string
	classicName     string
	explicitClassic bool
	common          bool // its methods are those of every hub
}

// A HubOption changes a hub under construction.
type HubOption func(*Hub)

// ClassicName sets the name by which jQuery SignalR 2 pages know the hub, as in
// $.connection.chatHub. Without it the name is the hub's own.
func ClassicName(name string) HubOption {
	return func(h *Hub) { h.classicName, h.explicitClassic = name, true }
}

// OfEveryHub says that the hub's methods are those that every hub answers beside
// its own: their names begin with $, as those of no other hub may. The hub has no
// address.
func OfEveryHub() HubOption { return func(h *Hub) { h.common = true } }

// NewHub returns the hub called name. It panics if name, or the classic name, is
// not made of letters, digits, hyphens, underscores and dots alone: hub names
// stand in addresses and scripts as they are.
func NewHub(name string, options ...HubOption) *Hub {
	h := &Hub{name: name, classicName: name}
	for _, o := range options {
		o(h)
	}
	for _, n := range []string{h.name, h.classicName} {
		if err := validHubName(n); err != nil {
			panic(fmt.Sprintf("contract: hub name: %v", err))
		}
	}
	return h
}

// Name is the last part of the hub's address, /hubs/{name}.
func (h *Hub) Name() string { return h.name }

// ClassicName is the name by which jQuery SignalR 2 pages know the hub.
func (h *Hub) ClassicName() string { return h.classicName }

// OfEveryHub tells whether the hub's methods are those of every hub, by [OfEveryHub].
func (h *Hub) OfEveryHub() bool { return h.common }

// ExplicitClassicName tells whether the classic name was set by [ClassicName]: it
// stands in the script generated for jQuery SignalR 2 as it is then, and otherwise
// in camelCase.
func (h *Hub) ExplicitClassicName() bool { return h.explicitClassic }

// Method is a call from client to hub: a request of type Req, answered once
// with a Res or an error.
type Method[Req, Res any] struct{ d *Descriptor }

// NewMethod returns the method called name. It panics if Req is not a struct
// that can be an argument list, and if the name begins with $: such methods are
// those of every hub.
func NewMethod[Req, Res any](h *Hub, name string, options ...MethodOption) Method[Req, Res] {
	d := newDescriptor(h, KindMethod, name, reflect.TypeFor[Req](), reflect.TypeFor[Res]())
	for _, o := range options {
		o(d)
	}
	return Method[Req, Res]{d}
}

// Event is a push from hub to clients.
type Event[T any] struct{ d *Descriptor }

// NewEvent returns the event called name. It panics if T is not a struct that
// can be an argument list.
func NewEvent[T any](h *Hub, name string) Event[T] {
	return Event[T]{newDescriptor(h, KindEvent, name, reflect.TypeFor[T](), nil)}
}

// Stream is a call from client to hub that is answered with many values.
type Stream[Req, Item any] struct{ d *Descriptor }

// NewStream returns the stream called name. It panics as [NewMethod] does.
func NewStream[Req, Item any](h *Hub, name string) Stream[Req, Item] {
	return Stream[Req, Item]{newDescriptor(h, KindStream, name, reflect.TypeFor[Req](), reflect.TypeFor[Item]())}
}

// Query is a call from hub to one client, answered once (SignalR calls the
// answer a client result).
type Query[Req, Res any] struct{ d *Descriptor }

// NewQuery returns the query called name. It panics if Req is not a struct that
// can be an argument list.
func NewQuery[Req, Res any](h *Hub, name string) Query[Req, Res] {
	return Query[Req, Res]{newDescriptor(h, KindQuery, name, reflect.TypeFor[Req](), reflect.TypeFor[Res]())}
}

// A MethodOption changes a method under construction.
type MethodOption func(*Descriptor)

// Overload lets a method share its name with another of the same API that takes
// another number of arguments. Dispatch is by lower-case name and count.
func Overload() MethodOption { return func(d *Descriptor) { d.overload = true } }

// WithProgress lets a method report values of type P while it runs. The clients of
// jQuery SignalR 2 hear them; there is nothing of the kind for others.
func WithProgress[P any]() MethodOption {
	return func(d *Descriptor) { d.progress = reflect.TypeFor[P]() }
}

// Verbatim lets the method's name stand as it is in the script generated for jQuery
// SignalR 2. Without it the name stands there in camelCase.
func Verbatim() MethodOption { return func(d *Descriptor) { d.verbatim = true } }

// Descriptor returns what the method says of itself.
func (m Method[Req, Res]) Descriptor() *Descriptor { return m.d }

// Descriptor returns what the event says of itself.
func (e Event[T]) Descriptor() *Descriptor { return e.d }

// Descriptor returns what the stream says of itself.
func (s Stream[Req, Item]) Descriptor() *Descriptor { return s.d }

// Descriptor returns what the query says of itself.
func (q Query[Req, Res]) Descriptor() *Descriptor { return q.d }

// validMember reports why name cannot be that of a member of hub h.
func validMember(h *Hub, k Kind, name string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	if called := k == KindMethod || k == KindStream; called && strings.HasPrefix(name, "$") != h.common {
		if h.common {
			return fmt.Errorf("%w: %q does not begin with $, as the methods of every hub do", ErrName, name)
		}
		return fmt.Errorf("%w: %q begins with $, as only the methods that every hub has", ErrName, name)
	}
	return nil
}

func validHubName(name string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	for _, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r) {
			return fmt.Errorf("%w: %q has %q, which cannot stand in an address as it is", ErrName, name, r)
		}
	}
	return nil
}

// ValidName reports why name cannot be the name of a hub, method, event, group,
// user or room: names have 1 to [MaxName] bytes of UTF-8 without control
// characters.
func ValidName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: it is empty", ErrName)
	case len(name) > MaxName:
		return fmt.Errorf("%w: %d bytes are more than %d", ErrName, len(name), MaxName)
	case strings.ToValidUTF8(name, "") != name:
		return fmt.Errorf("%w: it is not UTF-8", ErrName)
	}
	for _, r := range name {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return fmt.Errorf("%w: it has the control character %U", ErrName, r)
		}
	}
	return nil
}
