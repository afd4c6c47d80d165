package hub

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Mux is one hub: its API, the handlers of its methods and what happens when a
// connection comes and goes. Everything is set before [Core.Mount]; setting it
// later panics. Once mounted it publishes to its clients from outside any call
// (SignalR's IHubContext).
type Mux struct {
	Targets

	hub          *contract.Hub
	classicName  []byte
	api          *contract.API // nil: of a raw hub
	core         *Core
	methods      map[string][]*method // by lower-case name; more than one only with overloads
	filters      []Filter
	authorize    []func(Principal) error
	onConnect    func(*Context) error
	onReconnect  func(*Context)
	onDisconnect func(*Context, error)
}

// method is one handler and the plans of its arguments and result.
type method struct {
	descriptor *contract.Descriptor
	arguments  *wire.Arguments
	uploads    []uploadField
	result     *wire.Plan // or that of a stream's items
	authorize  []func(x *Context) error
	builtin    bool // every hub has it
	bind       func(codec wire.Codec, raw []byte) (request any, err error)
	call       func(x *Context, request any) (result any, err error)
	each       func(items any, send func(item reflect.Value) error) error // sends the items of a stream; nil: of a method
}

// New returns the hub whose API is api, with no handler yet. It panics if a type
// of the API cannot travel.
func New(api *contract.API) *Mux {
	if err := wire.CheckAPI(api); err != nil {
		panic(fmt.Sprintf("hub: %s: %v", api.Hub().Name(), err))
	}
	return newMux(api.Hub(), api)
}

func newMux(h *contract.Hub, api *contract.API) *Mux {
	m := &Mux{hub: h, classicName: []byte(h.ClassicName()), api: api, methods: map[string][]*method{}}
	if api != nil {
		m.addBuiltins()
	}
	m.Targets.mux = m
	return m
}

// In are the targets of one tenant, to publish from outside any call. Those of the
// Mux itself are those of the tenant that has no name.
func (m *Mux) In(tenant string) Targets { return Targets{mux: m, tenant: tenant} }

// Name is the hub's name, the last part of its address.
func (m *Mux) Name() string { return m.hub.Name() }

// API is what the hub can hear and say; nil if it is a raw one.
func (m *Mux) API() *contract.API { return m.api }

// Handle makes f the handler of method d. It panics if d is not of the hub's
// API, or has a handler already: a mistake of the program, met at start-up.
//
// f may use x until it returns. An error of type [Error] reaches the caller;
// of any other the caller hears only that the call failed.
//
// If the request has uploads, the call runs beside the connection's others, in a
// worker of its own, and f ranges over them, each once. Their items wait, up to
// [Options.StreamBuffer] of each; when f returns, those that were not taken are
// dropped. The last of them may be an error: a [*ClientError] if the client's
// source failed, an error of package wire for an item of the wrong type,
// ErrClosed if the client is gone, and the error of x if that has ended.
func Handle[Req, Res any](m *Mux, d contract.Method[Req, Res], f func(x *Context, request Req) (Res, error), options ...MethodOption) {
	entry := newMethod[Req](d.Descriptor(), options)
	entry.call = func(x *Context, request any) (any, error) { return f(x, *request.(*Req)) }
	m.add(entry)
}

// newMethod returns the method of d, without its handler.
func newMethod[Req any](d *contract.Descriptor, options []MethodOption) *method {
	arguments, err := wire.ArgumentsOf(d)
	entry := &method{
		descriptor: d,
		arguments:  arguments,
		bind: func(codec wire.Codec, raw []byte) (any, error) {
			request := new(Req)
			return request, codec.ReadArguments(raw, arguments, reflect.ValueOf(request).Elem())
		},
	}
	if err == nil {
		entry.uploads, err = uploadFields(d)
	}
	if err == nil {
		entry.result, err = wire.PlanOf(d.Response())
	}
	if err != nil {
		panic(fmt.Sprintf("hub: %v", err))
	}
	for _, o := range options {
		o(entry)
	}
	return entry
}

func (m *Mux) add(entry *method) {
	m.mustBeUnmounted()
	d := entry.descriptor
	if !m.has(d) {
		panic(fmt.Sprintf("hub: %s %s is not in the API of hub %s", d.Kind(), d.Name(), m.Name()))
	}
	key := strings.ToLower(d.Name())
	for _, e := range m.methods[key] {
		if e.descriptor == d {
			panic(fmt.Sprintf("hub: %s %s of hub %s has two handlers", d.Kind(), d.Name(), m.Name()))
		}
	}
	m.methods[key] = append(m.methods[key], entry)
}

// OnConnect sets what runs once for each new connection, before its first
// invocation. An error closes the connection for good; its client hears it if
// it is an [Error].
func (m *Mux) OnConnect(f func(x *Context) error) {
	m.mustBeUnmounted()
	m.onConnect = f
}

// OnReconnect sets what runs when a client of SignalR 2 has lost its link and come
// back as the connection that it was, which is in its groups. After a restart of
// the server it runs for a connection whose OnConnect another process has run.
// Clients of ASP.NET Core SignalR come back as new connections, or, under stateful
// reconnect, unnoticed.
func (m *Mux) OnReconnect(f func(x *Context)) {
	m.mustBeUnmounted()
	m.onReconnect = f
}

// OnDisconnect sets what runs once for each connection that is gone, after its
// last invocation returned; not for one whose OnConnect failed or never ran, but
// for one whose client came back to a server that was restarted. err is nil if
// either side ended it in good order. The connection has left its groups by then.
func (m *Mux) OnDisconnect(f func(x *Context, err error)) {
	m.mustBeUnmounted()
	m.onDisconnect = f
}

// Check reports every method and stream of the API that has no handler.
// [Core.Mount] calls it.
func (m *Mux) Check() error {
	var errs []error
	for _, d := range m.members() {
		add := map[contract.Kind]string{contract.KindMethod: "hub.Handle", contract.KindStream: "hub.HandleStream"}[d.Kind()]
		if add != "" && !m.handles(d) {
			errs = append(errs, fmt.Errorf("hub %s: %s %s has no handler; add %s(m, ...)", m.Name(), d.Kind(), d.Name(), add))
		}
	}
	return errors.Join(errs...)
}

func (m *Mux) handles(d *contract.Descriptor) bool {
	for _, e := range m.methods[strings.ToLower(d.Name())] {
		if e.descriptor == d {
			return true
		}
	}
	return false
}

func (m *Mux) has(d *contract.Descriptor) bool {
	return slices.Contains(m.members(), d)
}

// members are those of the hub's API.
func (m *Mux) members() []*contract.Descriptor {
	if m.api == nil {
		return nil
	}
	return m.api.Members()
}

// named are the methods called name.
func (m *Mux) named(name string) []*contract.Descriptor {
	var all []*contract.Descriptor
	for _, e := range m.methods[strings.ToLower(name)] {
		all = append(all, e.descriptor)
	}
	return all
}

func (m *Mux) mustBeUnmounted() {
	if m.core != nil {
		panic(fmt.Sprintf("hub: hub %s is mounted; set it up before Core.Mount", m.Name()))
	}
}

// find returns the handler for target and an argument count: the overload that
// takes that many, else the first of the name, else nil.
func (m *Mux) find(target []byte, count int) *method {
	if len(target) > contract.MaxName {
		return nil
	}
	// A stack buffer and a map look-up by converted bytes: nothing is allocated.
	var lower [contract.MaxName]byte
	ascii := true
	for i, b := range target {
		if b >= 0x80 {
			ascii = false
			break
		}
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		lower[i] = b
	}
	var entries []*method
	if ascii {
		entries = m.methods[string(lower[:len(target)])]
	} else {
		entries = m.methods[strings.ToLower(string(target))]
	}
	for _, e := range entries {
		if e.descriptor.Required() <= count && count <= len(e.descriptor.Arguments()) {
			return e
		}
	}
	if len(entries) > 0 {
		return entries[0]
	}
	return nil
}
