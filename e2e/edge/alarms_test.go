package edge_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"partline.dev/server/edge/inside"
	"partline.dev/server/hub"
	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
)

// kept is longer than an idle room stays in memory, twice.
const kept = 2*idle - 4*time.Second

// sessionEnds has somebody's time run out while the room is out of memory.
func sessionEnds(t *testing.T, r *runtime, room string, codec wire.Codec, idle time.Duration) (evicted bool) {
	must := mustOf(t)
	p := newProbe(t, r, room)
	expires := time.Now().Add(2*idle - 4*time.Second)
	n := inside.Negotiation{Hub: "test", Principal: hub.Principal{ID: "u", Session: "s", Expires: expires.UnixMilli()}}
	m, err := join(t, r, room, "who expires", codec, n)
	must(err)
	m.forget()
	p.forget()
	code, err := m.ended()
	must(err)
	if early := time.Until(expires); early > 0 {
		t.Errorf("the connection ended %v early", early)
	}
	if heard := m.forget(); len(heard) != 1 || !strings.HasPrefix(heard[0], "close: ") || !strings.HasSuffix(heard[0], "again: true") {
		t.Errorf("who expires heard %q, and was closed with %d", heard, code)
	}
	if heard := p.forget(); len(heard) != 0 {
		t.Errorf("somebody else heard %q", heard)
	}
	return wasEvicted(t, p)
}

// noHandshake opens a socket and says nothing, and negotiates what is never opened.
func noHandshake(t *testing.T, r *runtime, room string) (evicted bool) {
	must := mustOf(t)
	p := newProbe(t, r, room)
	unopened, err := r.negotiate(room, &inside.Negotiation{Hub: "test", Address: "192.0.2.1"})
	must(err)
	m, err := dial(t, r, room, "who says nothing", wire.JSON, inside.Negotiation{Hub: "test"})
	must(err)
	_, err = m.ended()
	must(err)
	if heard := m.forget(); len(heard) != 1 || !strings.HasPrefix(heard[0], "handshake: ") || heard[0] == "handshake: " {
		t.Errorf("who says nothing heard %q", heard)
	}
	evicted = wasEvicted(t, p)
	socket, reply, err := websocket.Dial(t.Context(), r.socket("test", unopened.Token), nil)
	if err == nil {
		_ = socket.CloseNow()
		t.Error("a connection is opened long after it was negotiated")
	} else if reply == nil || reply.StatusCode != inside.StatusNotFound {
		t.Errorf("who comes late hears %v", err)
	}
	return evicted
}

func wasEvicted(t *testing.T, p *probe) bool {
	t.Helper()
	gone, err := p.evicted()
	if err != nil {
		t.Fatal(err)
	}
	return gone
}

// goesOn has something under way that would be lost: the room stays in memory, and goes
// on with it.
func goesOn(t *testing.T, r *runtime, room string, codec wire.Codec, under func(m *member) (goOn func() error, err error)) {
	must := mustOf(t)
	p := newProbe(t, r, room)
	m, err := join(t, r, room, "who waits", codec, inside.Negotiation{Hub: "test"})
	must(err)
	m.forget()
	goOn, err := under(m)
	must(err)
	<-time.After(kept)
	if heard := m.forget(); len(heard) != 0 {
		t.Errorf("meanwhile it heard %q", heard)
	}
	must(goOn())
	if gone, err := p.evicted(); err != nil || gone {
		t.Errorf("the room was evicted: %v, %v", gone, err)
	}
}

// waitingCall calls a method that asks the caller for numbers.
func waitingCall(m *member) (goOn func() error, err error) {
	frame, answer, err := m.invocation(wire.Invocation, testhub.TotalMethod.Descriptor(), testhub.None{})
	if err != nil {
		return nil, err
	}
	if err := m.write(frame); err != nil {
		return nil, err
	}
	if err := m.await(1, nil); err != nil {
		return nil, err
	}
	asked := m.forget()[0]
	_, id, ok := strings.Cut(asked, "? ")
	if !ok {
		return nil, errors.New("the caller was asked " + asked)
	}
	return func() error {
		numbers := []int{20, 22}
		plan, err := wire.PlanOf(reflect.TypeOf(numbers))
		if err != nil {
			return err
		}
		value, err := m.codec.AppendValue(nil, plan, reflect.ValueOf(numbers))
		if err != nil {
			return err
		}
		if err := m.write(m.codec.Append(nil, &wire.Message{Kind: wire.Completion, InvocationID: []byte(id), Value: value})); err != nil {
			return err
		}
		msg, err := m.answered(answer)
		if err != nil {
			return err
		}
		var total int
		if err := m.value(&msg, reflect.ValueOf(&total).Elem()); err != nil || total != 42 {
			return errors.Join(err, errors.New("the numbers were not added up"))
		}
		return nil
	}, nil
}

// halfMessage sends the beginning of a call.
func halfMessage(m *member) (goOn func() error, err error) {
	frame, answer, err := m.invocation(wire.Invocation, testhub.EchoMethod.Descriptor(), testhub.Text{Text: strings.Repeat("whole", 50)})
	if err != nil {
		return nil, err
	}
	if err := m.write(slices.Clone(frame[:len(frame)/2])); err != nil {
		return nil, err
	}
	return func() error {
		if err := m.write(frame[len(frame)/2:]); err != nil {
			return err
		}
		_, err := m.answered(answer)
		return err
	}, nil
}
