package room

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// maxAsks is how many calls of $enter of one connection are remembered until they are
// answered.
const maxAsks = 16

// asked is where a connection has asked to be, with $enter: the core does not keep the
// ids of pages and sessions, without which the connection could not be opened again. It
// reads along what the client sends, and finds the answer in what it is sent.
//
// A client that uses one id for several calls at once, which no client of SignalR does,
// may be remembered where it asked to be before; it is opened there only if it may be
// there.
//
// The zero value is ready. See is the link's one reader's; answered and decide may be
// called from any goroutine.
type asked struct {
	partial []byte // the beginning of a message that is not whole yet

	mu      sync.Mutex // Protects following.
	waiting []ask      // in the order of the calls
	entered *access.Where
	lost    bool // one that wanted an answer was dropped, and none after it was granted
}

// ask is one call of $enter.
type ask struct {
	id    string // of the invocation; empty: it wants no answer
	where access.Where
}

// see reads what the client sends: any piece of the stream of hub messages. What is
// wrong with it is the core's to say.
func (a *asked) see(codec wire.Codec, data []byte) {
	buf := data
	if len(a.partial) > 0 {
		a.partial = append(a.partial, data...)
		if !codec.Ends(data) {
			return // it is looked at once, however small the pieces
		}
		buf = a.partial
	}
	for {
		msg, rest, err := codec.Split(buf, math.MaxInt32)
		if err != nil {
			a.partial = nil
			return
		}
		if msg == nil {
			break
		}
		if mayEnter(codec, msg) {
			a.remember(codec, msg)
		}
		buf = rest
	}
	switch {
	case len(buf) == 0:
		a.partial = nil
	case len(a.partial) != len(buf): // else it is where it was
		a.partial = slices.Clone(buf)
	}
}

// mayEnter is false for most messages that call something else than $enter, without
// decoding them.
func mayEnter(codec wire.Codec, msg []byte) bool {
	if !codec.Binary() && bytes.Contains(msg, []byte(`\u00`)) {
		return true // the name may be written so
	}
	for rest := msg; ; {
		i := bytes.IndexByte(rest, '$')
		if i < 0 {
			return false
		}
		rest = rest[i:]
		if n := len(enterName); len(rest) >= n && strings.EqualFold(string(rest[:n]), enterName) {
			return true
		}
		rest = rest[1:]
	}
}

// What is read of a call and its answer.
var (
	enterName      = access.Enter.Descriptor().Name()
	enterArguments = must(wire.ArgumentsOf(access.Enter.Descriptor()))
	accessPlan     = must(wire.PlanOf(reflect.TypeFor[access.Access]()))
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // the contract is checked when the core starts, too
	}
	return value
}

// remember keeps what msg asks for, if it is a call of $enter that may be granted.
func (a *asked) remember(codec wire.Codec, msg []byte) {
	var m wire.Message
	if codec.Decode(msg, &m) != nil || m.Kind != wire.Invocation || strings.ToLower(string(m.Target)) != enterName || len(m.StreamIDs) > 0 {
		return
	}
	var request access.EnterRequest
	if codec.ReadArguments(m.Arguments, enterArguments, reflect.ValueOf(&request).Elem()) != nil {
		return
	}
	w := request.Where
	if max(len(w.Scope), len(w.Page), len(w.Session), len(w.Place)) > contract.MaxName {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) == maxAsks {
		a.lost = a.lost || a.waiting[0].id != ""
		a.waiting = slices.Delete(a.waiting, 0, 1)
	}
	a.waiting = append(a.waiting, ask{string(m.InvocationID), w})
}

// answered reads a message that the client is sent, framed.
func (a *asked) answered(codec wire.Codec, message []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) == 0 {
		return
	}
	msg, _, err := codec.Split(message, math.MaxInt32)
	var m wire.Message
	if err != nil || msg == nil || codec.Decode(msg, &m) != nil || m.Kind != wire.Completion {
		return
	}
	i := slices.IndexFunc(a.waiting, func(one ask) bool { return one.id != "" && one.id == string(m.InvocationID) })
	if i < 0 {
		return
	}
	if m.HasError {
		a.waiting = slices.Delete(a.waiting, i, i+1)
		return
	}
	var granted access.Access
	if codec.ReadValue(m.Value, accessPlan, reflect.ValueOf(&granted).Elem()) != nil || granted.Scope == "" {
		return // the answer to something else
	}
	w := pinned(a.waiting[i].where, granted)
	a.entered, a.lost = &w, false
	a.waiting = slices.Delete(a.waiting, 0, i+1) // calls are answered in their order
}

// pinned is what to ask for to be there again, whatever the server would choose then
// for who asks for less.
func pinned(w access.Where, granted access.Access) access.Where {
	if granted.Scope != "" {
		w.Scope = granted.Scope
	}
	if granted.Scope == contract.ScopePlace {
		w.Place = granted.Place
	}
	return w
}

var errAsked = errors.New("so many calls of $enter wait that it is not known which one was granted")

// settled tells that there is nothing to decide.
func (a *asked) settled() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.entered == nil && len(a.waiting) == 0 && !a.lost
}

// decide is where the connection is, if it has moved since it was asked last. Now is
// its access, and would that of somebody who opens a connection as it. Nobody is told
// whether a call that wants no answer was granted, so what now shows is enough for one.
// The error is that nobody knows, which is the client's fault: the connection must end.
func (a *asked) decide(now access.Access, would func(access.Where) (access.Access, error)) (w access.Where, moved bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.entered != nil {
		w, moved, a.entered = *a.entered, true, nil
	}
	first := slices.IndexFunc(a.waiting, func(one ask) bool { return one.id != "" })
	if first < 0 {
		if first = len(a.waiting); a.lost {
			return access.Where{}, false, errAsked
		}
	}
	for i := first - 1; i >= 0; i-- {
		if isThere(a.waiting[i].where, now, would) {
			w, moved = pinned(a.waiting[i].where, now), true
			a.waiting = slices.Delete(a.waiting, 0, i+1)
			break
		}
	}
	return w, moved, nil
}

// isThere tells whether now can be what w asked for.
func isThere(w access.Where, now access.Access, would func(access.Where) (access.Access, error)) bool {
	there, err := would(w)
	if refusal, ok := errors.AsType[*access.Refusal](err); ok && refusal.Code == access.CodeConnections {
		there, err = access.Access{Scope: w.Scope, Place: w.Place}, nil // one more may not open, which says nothing of this one
	}
	return err == nil && there.Scope == now.Scope && there.Place == now.Place && now.Scope != ""
}
