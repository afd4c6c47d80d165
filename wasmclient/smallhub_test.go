//go:build !js

package client_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"partline.dev/shared/wire"
)

// startHub serves a small hub that knows what the suite needs, at every address
// but one, and returns that of its server.
func startHub(t testing.TB) string {
	t.Helper()
	h := &smallHub{members: map[string]*member{}}
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		h.cut()
		s.CloseClientConnections()
		h.work.Wait()
		s.Close()
	})
	return s.URL
}

// smallHub tells everybody what one sends, over every transport.
type smallHub struct {
	work sync.WaitGroup

	mu      sync.Mutex // protects following, and that all hear all in one order
	members map[string]*member
	last    int // number of the last connection
}

// member is one connection.
type member struct {
	hub    *smallHub
	came   chan struct{} // holds a value when there is something to send
	ended  chan struct{} // closed at the end
	ending sync.Once

	in      []byte             // not whole yet; the receiver's
	streams map[string]*stream // that the client sends; the receiver's
	names   map[string]string  // of endless streams; the receiver's

	mu     sync.Mutex // protects following
	out    []byte
	polled bool
}

func (h *smallHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.work.Add(1)
	defer h.work.Done()
	if strings.HasSuffix(r.URL.Path, "/negotiate") && r.URL.Path != "/hubs/nowhere/negotiate" {
		h.negotiate(w)
		return
	}
	h.mu.Lock()
	m := h.members[r.URL.Query().Get("id")]
	h.mu.Unlock()
	switch {
	case m == nil:
		http.Error(w, "No Connection with that ID", http.StatusNotFound)
	case r.Header.Get("Upgrade") != "":
		m.serveSocket(w, r)
	case r.Header.Get("Accept") == "text/event-stream":
		m.serveEvents(w, r)
	case r.Method == http.MethodGet:
		m.servePoll(w, r)
	case r.Method == http.MethodDelete:
		m.end()
		w.WriteHeader(http.StatusAccepted)
	default:
		body, _ := io.ReadAll(r.Body)
		m.receive(body)
	}
}

func (h *smallHub) negotiate(w http.ResponseWriter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	id := strconv.Itoa(h.last)
	h.members[id] = &member{
		hub: h, came: make(chan struct{}, 1), ended: make(chan struct{}),
		streams: map[string]*stream{}, names: map[string]string{},
	}
	fmt.Fprintf(w, `{"negotiateVersion":1,"connectionId":"a","connectionToken":%q,"availableTransports":[
		{"transport":"WebSockets","transferFormats":["Text"]},{"transport":"ServerSentEvents","transferFormats":["Text"]},
		{"transport":"LongPolling","transferFormats":["Text"]}]}`, id)
}

// take waits for something to send; nil is the end.
func (m *member) take(r *http.Request) []byte {
	for {
		m.mu.Lock()
		p := m.out
		m.out = nil
		m.mu.Unlock()
		if p != nil {
			return p
		}
		select {
		case <-m.came:
		case <-r.Context().Done():
			return nil
		case <-m.ended:
			m.mu.Lock()
			defer m.mu.Unlock()
			p, m.out = m.out, nil
			return p // what was said last
		}
	}
}

func (m *member) serveSocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1)
	m.hub.work.Go(func() {
		for p := m.take(r); p != nil; p = m.take(r) {
			_ = conn.Write(r.Context(), websocket.MessageText, p) // who is gone hears nothing
		}
		_ = conn.Close(websocket.StatusNormalClosure, "")
	})
	defer m.end()
	for {
		_, p, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		m.receive(p)
	}
}

func (m *member) serveEvents(w http.ResponseWriter, r *http.Request) {
	defer m.end()
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = io.WriteString(w, ":\r\n")
	_ = http.NewResponseController(w).Flush()
	for p := m.take(r); p != nil; p = m.take(r) {
		_, _ = fmt.Fprintf(w, "data: %s\r\n\r\n", bytes.ReplaceAll(p, []byte("\n"), []byte("\r\ndata: ")))
		_ = http.NewResponseController(w).Flush()
	}
}

func (m *member) servePoll(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	first := !m.polled
	m.polled = true
	m.mu.Unlock()
	if first {
		return // with nothing, at once
	}
	p := m.take(r)
	if p == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_, _ = w.Write(p)
}

func (m *member) write(p []byte) {
	m.mu.Lock()
	m.out = append(m.out, p...)
	m.mu.Unlock()
	select {
	case m.came <- struct{}{}:
	default:
	}
}

func (m *member) end() { m.ending.Do(func() { close(m.ended) }) }

func (h *smallHub) cut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, m := range h.members {
		m.end()
		delete(h.members, id)
	}
}

// receive acts on what the client sends.
func (m *member) receive(p []byte) {
	m.in = append(m.in, p...)
	for {
		msg, rest, err := wire.JSON.Split(m.in, 32<<10)
		if msg == nil && err == nil {
			return
		}
		m.in = rest
		if strings.HasPrefix(string(msg), `{"protocol"`) {
			m.write(wire.AppendHandshakeReply(nil, ""))
			continue
		}
		var in wire.Message
		if err == nil {
			err = wire.JSON.Decode(msg, &in)
		}
		if err != nil || in.Kind == wire.Close {
			m.write(wire.JSON.Append(nil, &wire.Message{Kind: wire.Close}))
			m.end()
			return
		}
		m.hub.act(m, &in)
	}
}

// act does what the suite calls.
func (h *smallHub) act(m *member, in *wire.Message) {
	if string(in.Target) != "Send" || in.ArgumentCount != 2 || in.Arguments[1] != '"' {
		m.actOnStreams(in)
		return
	}
	h.tellAll(wire.JSON.Append(nil, &wire.Message{
		Kind: wire.Invocation, Target: []byte("broadcastMessage"), Arguments: in.Arguments,
	}))
	m.complete(string(in.InvocationID), "null")
	if bytes.Contains(in.Arguments, []byte(cutWord)) {
		h.cut()
	}
}

// complete answers a call, if an answer is wanted. An empty value is none.
func (m *member) complete(id, value string) {
	answer := &wire.Message{Kind: wire.Completion, InvocationID: []byte(id)}
	if value != "" {
		answer.Value = []byte(value)
	}
	if id != "" {
		m.write(wire.JSON.Append(nil, answer))
	}
}

func (m *member) fail(id, text string) {
	if id != "" {
		m.write(wire.JSON.Append(nil, &wire.Message{
			Kind: wire.Completion, InvocationID: []byte(id), HasError: true, Error: []byte(text),
		}))
	}
}

func (h *smallHub) tellAll(p []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.members {
		m.write(p)
	}
}
