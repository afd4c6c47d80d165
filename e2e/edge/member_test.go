package edge_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"partline.dev/server/edge/inside"
	"partline.dev/shared/access"
	"partline.dev/shared/chat"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
)

// member is a connection to a room that sends nothing by itself, not even a ping, and
// keeps all that it is sent.
type member struct {
	t      testing.TB
	name   string // in failures
	id     string // of the connection
	codec  wire.Codec
	socket *websocket.Conn
	done   chan struct{} // closed when the socket has ended

	mu      sync.Mutex // protects following
	heard   []string   // what came unasked, in order
	news    chan struct{}
	calls   int
	answers map[string]chan wire.Message
	err     error // why the socket has ended
}

// join makes a member of the room, and waits for its handshake.
func join(t testing.TB, r *runtime, room, name string, codec wire.Codec, n inside.Negotiation) (*member, error) {
	m, err := dial(t, r, room, name, codec, n)
	if err != nil {
		return nil, err
	}
	hello := wire.AppendHandshake(nil, wire.Handshake{Protocol: codec.Name(), Version: 1})
	if err := m.write(hello); err != nil {
		return nil, err
	}
	return m, m.await(1, func(heard []string) bool { return heard[0] == "handshake: " })
}

// dial makes a socket without a handshake.
func dial(t testing.TB, r *runtime, room, name string, codec wire.Codec, n inside.Negotiation) (*member, error) {
	if n.Address == "" {
		n.Address = name
	}
	made, err := r.negotiate(room, &n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	socket, _, err := websocket.Dial(ctx, r.socket(n.Hub, made.Token), &websocket.DialOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	socket.SetReadLimit(1 << 20)
	m := &member{
		t: t, name: name, id: made.ID, codec: codec, socket: socket, done: make(chan struct{}),
		news: make(chan struct{}), answers: map[string]chan wire.Message{},
	}
	go m.read() // until the socket ends
	t.Cleanup(m.close)
	return m, nil
}

// close ends the socket, and waits for it.
func (m *member) close() {
	_ = m.socket.Close(websocket.StatusNormalClosure, "") // or it has ended
	_ = m.socket.CloseNow()
	<-m.done
}

func (m *member) read() {
	defer close(m.done)
	var buf []byte
	shaken := false
	for {
		_, data, err := m.socket.Read(context.Background())
		if err != nil {
			m.mu.Lock()
			m.err = err
			for _, answer := range m.answers {
				close(answer)
			}
			m.answers = nil
			close(m.news)
			m.news = make(chan struct{})
			m.mu.Unlock()
			return
		}
		buf = append(buf, data...)
		if !shaken {
			said, rest, ok, err := wire.ReadHandshakeReply(buf)
			if err != nil {
				m.note("handshake: " + err.Error())
				continue
			}
			if !ok {
				continue
			}
			shaken, buf = true, rest
			m.note("handshake: " + said)
		}
		for {
			record, rest, err := m.codec.Split(buf, 1<<20)
			if err != nil {
				m.note("malformed: " + err.Error())
			}
			if record == nil || err != nil {
				break
			}
			m.take(record)
			buf = rest
		}
	}
}

// take is one message.
func (m *member) take(record []byte) {
	var msg wire.Message
	if err := m.codec.Decode(slices.Clone(record), &msg); err != nil {
		m.note("malformed: " + err.Error())
		return
	}
	if id := string(msg.InvocationID); id != "" && msg.Kind != wire.Invocation {
		m.mu.Lock()
		answer := m.answers[id]
		m.mu.Unlock()
		if answer != nil {
			answer <- msg
			return
		}
	}
	m.note(m.describe(&msg))
}

// describe is a message in words.
func (m *member) describe(msg *wire.Message) string {
	switch msg.Kind {
	case wire.Invocation:
		switch string(msg.Target) {
		case testhub.MessageEvent.Descriptor().Name():
			if msg.ArgumentCount == 1 {
				return m.event(msg, testhub.MessageEvent.Descriptor(), reflect.New(reflect.TypeFor[testhub.Text]()).Elem())
			}
			return m.event(msg, chat.MessageEvent.Descriptor(), reflect.New(reflect.TypeFor[chat.Message]()).Elem())
		case testhub.SteppedEvent.Descriptor().Name():
			return m.event(msg, testhub.SteppedEvent.Descriptor(), reflect.New(reflect.TypeFor[testhub.Step]()).Elem())
		case connected.BroadcastMessage.Descriptor().Name():
			return m.event(msg, connected.BroadcastMessage.Descriptor(), reflect.New(reflect.TypeFor[connected.Broadcast]()).Elem())
		}
		return fmt.Sprintf("%s? %s", msg.Target, msg.InvocationID)
	case wire.Close:
		return fmt.Sprintf("close: %s, again: %v", msg.Error, msg.AllowReconnect)
	}
	return fmt.Sprintf("kind %d", msg.Kind)
}

func (m *member) event(msg *wire.Message, d *contract.Descriptor, into reflect.Value) string {
	plan, err := wire.ArgumentsOf(d)
	if err == nil {
		err = m.codec.ReadArguments(msg.Arguments, plan, into)
	}
	if err != nil {
		return fmt.Sprintf("%s: %v", msg.Target, err)
	}
	return fmt.Sprintf("%s: %v", msg.Target, into.Interface())
}

func (m *member) note(what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard = append(m.heard, what)
	close(m.news)
	m.news = make(chan struct{})
}

// await waits until n things were heard, and enough says so of all of them.
func (m *member) await(n int, enough func(heard []string) bool) error {
	over := time.After(guard)
	for {
		m.mu.Lock()
		heard, news, err := m.heard, m.news, m.err
		m.mu.Unlock()
		switch {
		case len(heard) >= n && (enough == nil || enough(heard)):
			return nil
		case err != nil:
			return fmt.Errorf("%s: the socket has ended, %w, after %q", m.name, err, heard)
		}
		select {
		case <-news:
		case <-over:
			return fmt.Errorf("%s has heard only %q", m.name, heard)
		}
	}
}

// forget begins anew, and returns what was heard.
func (m *member) forget() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	heard := m.heard
	m.heard = nil
	return heard
}

// ended waits for the end of the socket, and is its close code.
func (m *member) ended() (websocket.StatusCode, error) {
	select {
	case <-m.done:
		return websocket.CloseStatus(m.err), nil
	case <-time.After(guard):
		return 0, fmt.Errorf("%s: the socket does not end", m.name)
	}
}

func (m *member) write(data []byte) error {
	kind := websocket.MessageText
	if m.codec.Binary() {
		kind = websocket.MessageBinary
	}
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	return m.socket.Write(ctx, kind, data)
}

// invocation is a call of a method, which is answered to answer.
func (m *member) invocation(kind wire.Kind, d *contract.Descriptor, request any) (frame []byte, answer chan wire.Message, err error) {
	plan, err := wire.ArgumentsOf(d)
	if err != nil {
		return nil, nil, err
	}
	msg := wire.Message{Kind: kind, Target: []byte(d.Name())}
	if msg.Arguments, err = m.codec.AppendArguments(nil, plan, reflect.ValueOf(request)); err != nil {
		return nil, nil, err
	}
	answer = make(chan wire.Message, 10_000)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers == nil {
		return nil, nil, m.err
	}
	m.calls++
	msg.InvocationID = fmt.Appendf(nil, "%d", m.calls)
	m.answers[string(msg.InvocationID)] = answer
	return m.codec.Append(nil, &msg), answer, nil
}

var errNoAnswer = errors.New("no answer")

// answered waits for the next message to a call.
func (m *member) answered(answer chan wire.Message) (wire.Message, error) {
	select {
	case msg, ok := <-answer:
		if !ok {
			return msg, fmt.Errorf("%s: the socket has ended: %w", m.name, m.err)
		}
		if msg.HasError {
			return msg, errors.New(string(msg.Error))
		}
		return msg, nil
	case <-time.After(guard):
		return wire.Message{}, fmt.Errorf("%s: %w", m.name, errNoAnswer)
	}
}

// call calls a method and waits for its answer.
func call[Req, Res any](m *member, method contract.Method[Req, Res], request Req) (response Res, err error) {
	frame, answer, err := m.invocation(wire.Invocation, method.Descriptor(), request)
	if err != nil {
		return response, err
	}
	if err := m.write(frame); err != nil {
		return response, err
	}
	msg, err := m.answered(answer)
	if err != nil {
		return response, err
	}
	return response, m.value(&msg, reflect.ValueOf(&response).Elem())
}

func (m *member) value(msg *wire.Message, into reflect.Value) error {
	plan, err := wire.PlanOf(into.Type())
	if err != nil {
		return err
	}
	return m.codec.ReadValue(msg.Value, plan, into)
}

// replay is what is kept, from the beginning.
func replay(m *member) (items []chat.Item, err error) {
	frame, answer, err := m.invocation(wire.StreamInvocation, chat.Replay.Descriptor(), chat.Since{})
	if err != nil {
		return nil, err
	}
	if err := m.write(frame); err != nil {
		return nil, err
	}
	for {
		msg, err := m.answered(answer)
		if err != nil || msg.Kind == wire.Completion {
			return items, err
		}
		var item chat.Item
		if err := m.value(&msg, reflect.ValueOf(&item).Elem()); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
}

// codecs are the protocols, by turns.
func codecs(i int) wire.Codec {
	if i%2 == 0 {
		return wire.JSON
	}
	return wire.MessagePack
}

// page is the id of a page or session.
func page(name string) string {
	return (name + strings.Repeat("A", 22))[:21] + "A"
}

// in is where a scope, a page and a place are asked for.
func in(scope contract.Scope, pageID, place string) access.Where {
	return access.Where{Scope: scope, Page: pageID, Place: place}
}
