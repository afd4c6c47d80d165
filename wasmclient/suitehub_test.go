//go:build !js

package client_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"partline.dev/shared/wire"
)

// startHub serves a small hub that knows what the suite needs, and returns its
// address.
func startHub(t testing.TB) string {
	t.Helper()
	h := &smallHub{members: map[*websocket.Conn]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hubs/connected/negotiate", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"negotiateVersion":1,"connectionId":"a","connectionToken":"b","availableTransports":[{"transport":"WebSockets","transferFormats":["Text"]}]}`))
	})
	mux.HandleFunc("GET /hubs/connected", h.serve)
	s := httptest.NewServer(mux)
	t.Cleanup(func() {
		h.cut()
		h.work.Wait()
		s.Close()
	})
	return s.URL + "/hubs/connected"
}

// smallHub tells everybody what one sends.
type smallHub struct {
	work sync.WaitGroup

	mu      sync.Mutex // protects following, and writes in one order to all
	members map[*websocket.Conn]bool
}

func (h *smallHub) serve(w http.ResponseWriter, r *http.Request) {
	h.work.Add(1)
	defer h.work.Done()
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1)
	defer h.forget(conn)
	if _, _, err = conn.Read(context.Background()); err != nil {
		return
	}
	h.write(conn, wire.AppendHandshakeReply(nil, ""))
	h.mu.Lock()
	h.members[conn] = true
	h.mu.Unlock()
	var buf []byte
	for {
		_, p, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		buf = append(buf, p...)
		for {
			msg, rest, err := wire.JSON.Split(buf, 32<<10)
			var m wire.Message
			if err == nil && msg != nil {
				err = wire.JSON.Decode(msg, &m)
			}
			if err != nil || m.Kind == wire.Close {
				h.write(conn, wire.JSON.Append(nil, &wire.Message{Kind: wire.Close}))
				conn.Close(websocket.StatusNormalClosure, "")
				return
			}
			if msg == nil {
				break
			}
			h.receive(conn, &m)
			buf = rest
		}
	}
}

func (h *smallHub) receive(conn *websocket.Conn, m *wire.Message) {
	if m.Kind != wire.Invocation {
		return
	}
	answer := &wire.Message{Kind: wire.Completion, InvocationID: m.InvocationID, Value: []byte("null")}
	if string(m.Target) != "Send" || m.ArgumentCount != 2 || m.Arguments[1] != '"' {
		answer.Value, answer.HasError, answer.Error = nil, true, []byte("no such call")
	} else {
		h.tellAll(wire.JSON.Append(nil, &wire.Message{
			Kind: wire.Invocation, Target: []byte("broadcastMessage"), Arguments: m.Arguments,
		}))
	}
	if m.InvocationID != nil {
		h.write(conn, wire.JSON.Append(nil, answer))
	}
	if bytes.Contains(m.Arguments, []byte(cutWord)) {
		h.cut()
	}
}

func (h *smallHub) tellAll(p []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for conn := range h.members {
		h.write(conn, p)
	}
}

func (h *smallHub) write(conn *websocket.Conn, p []byte) {
	_ = conn.Write(context.Background(), websocket.MessageText, p) // who is gone hears nothing
}

func (h *smallHub) cut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for conn := range h.members {
		conn.CloseNow()
	}
}

func (h *smallHub) forget(conn *websocket.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.members, conn)
}
