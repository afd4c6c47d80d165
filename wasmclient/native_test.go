//go:build !js

package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// rawHub is a hub of which a test says what it does on each WebSocket.
type rawHub struct {
	*httptest.Server
	work sync.WaitGroup

	mu       sync.Mutex // protects following
	requests []*http.Request
}

const secretToken = "the-secret-of-this-connection"

// startRawHub serves a hub whose WebSockets are on's, after their handshake.
func startRawHub(t *testing.T, on func(w http.ResponseWriter, r *http.Request)) *rawHub {
	h := &rawHub{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.work.Add(1)
		defer h.work.Done()
		h.mu.Lock()
		h.requests = append(h.requests, r)
		h.mu.Unlock()
		if r.Method == http.MethodPost {
			_, _ = w.Write([]byte(`{"connectionToken":"` + secretToken + `","availableTransports":[{"transport":"WebSockets","transferFormats":["Text"]}]}`))
			return
		}
		on(w, r)
	}))
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.work.Wait()
		h.Server.Close()
	})
	return h
}

// shake accepts a WebSocket and its handshake.
func shake(w http.ResponseWriter, r *http.Request) (*websocket.Conn, error) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return nil, err
	}
	if _, _, err := conn.Read(r.Context()); err != nil {
		return nil, err
	}
	return conn, conn.Write(r.Context(), websocket.MessageText, []byte("{}\x1e"))
}

// fails is why the client's connection fails or ends first.
func fails(t *testing.T, url string, o *client.Options) error {
	t.Helper()
	c := client.New(url, connected.Hub, o)
	failed := make(chan error, 1)
	c.Watch(func(now client.State) {
		if now.Err != nil {
			select {
			case failed <- now.Err:
			default:
			}
		}
	})
	ended := make(chan error, 1)
	go func() { ended <- c.Run(context.Background()) }()
	defer func() {
		c.Close()
		<-ended
	}()
	select {
	case err := <-failed:
		if strings.Contains(err.Error(), secretToken) {
			t.Errorf("the secret is told: %v", err)
		}
		return err
	case <-time.After(suiteGuard):
		t.Fatal("nothing fails")
		return nil
	}
}

func TestNative_saysHowALinkEnds(t *testing.T) {
	for _, c := range []struct {
		name, says string
		on         func(w http.ResponseWriter, r *http.Request)
	}{
		{"close code and reason", "closed by the hub: slow consumer (code 1013)", func(w http.ResponseWriter, r *http.Request) {
			if conn, err := shake(w, r); err == nil {
				conn.Close(websocket.StatusTryAgainLater, "slow consumer")
			}
		}},
		{"close code", "closed by the hub, code 1001", func(w http.ResponseWriter, r *http.Request) {
			if conn, err := shake(w, r); err == nil {
				conn.Close(websocket.StatusGoingAway, "")
			}
		}},
		{"a broken connection", "connection to the hub broke", func(w http.ResponseWriter, r *http.Request) {
			if conn, err := shake(w, r); err == nil {
				conn.CloseNow()
			}
		}},
		{"invalid UTF-8 in a text frame", "not valid UTF-8", func(w http.ResponseWriter, r *http.Request) {
			if conn, err := shake(w, r); err == nil {
				_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"type":1,"target":"x","arguments":["`+"\xff"+`"]}`+"\x1e"))
				_, _, _ = conn.Read(r.Context())
			}
		}},
		{"a refused WebSocket", "no WebSocket to the hub: the hub refuses it (404 Not Found)", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "No Connection with that ID", http.StatusNotFound)
		}},
		{"a WebSocket that is none", "no WebSocket to the hub", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "websocket")
			w.WriteHeader(http.StatusSwitchingProtocols)
		}},
		{"a connection that breaks before the WebSocket", "no WebSocket to the hub", func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := startRawHub(t, c.on)
			if err := fails(t, h.URL, nil); !says(err, c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
		})
	}
}

func TestNative_headersAndToken(t *testing.T) {
	h := startRawHub(t, func(w http.ResponseWriter, r *http.Request) {
		if conn, err := shake(w, r); err == nil {
			_, _, _ = conn.Read(r.Context())
			conn.CloseNow()
		}
	})
	header := http.Header{"X-Tenant": {"a", "b"}}
	_ = fails(t, h.URL+"/hubs/connected?x=1", &client.Options{
		Header: header,
		Token:  func(context.Context) (string, error) { return "abc", nil },
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, want := range []string{"POST /hubs/connected/negotiate?x=1&negotiateVersion=1&useStatefulReconnect=true", "GET /hubs/connected?x=1&id=" + secretToken} {
		r := h.requests[i]
		if got := r.Method + " " + r.RequestURI; got != want {
			t.Errorf("request %d is %s, not %s", i+1, got, want)
		}
		if r.Header.Get("Authorization") != "Bearer abc" || strings.Join(r.Header["X-Tenant"], "") != "ab" || r.Header.Get("Origin") != "" {
			t.Errorf("request %d has the headers %v", i+1, r.Header)
		}
	}
	if len(header) != 1 {
		t.Errorf("the program's header was changed: %v", header)
	}
}

// TestNative_largeMessages come in pieces, and many in one WebSocket message.
func TestNative_largeMessages(t *testing.T) {
	const size, count = 300_000, 10
	h := startRawHub(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := shake(w, r)
		if err != nil {
			return
		}
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(strings.Repeat(eventText("a", strings.Repeat("x", size)), count)))
		_, _, _ = conn.Read(r.Context())
		_, _, _ = conn.Read(r.Context())
		conn.Close(websocket.StatusNormalClosure, "")
	})
	c := client.New(h.URL, connected.Hub, nil)
	heard := make(chan int, count)
	client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard <- len(b.Message) })
	ended := make(chan error, 1)
	go func() { ended <- c.Run(context.Background()) }()
	for range count {
		if n := <-heard; n != size {
			t.Errorf("%d bytes were heard", n)
		}
	}
	c.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestNative_hubThatStopsReading leaves a write hanging; Close ends it.
func TestNative_hubThatStopsReading(t *testing.T) {
	stop := make(chan struct{})
	h := startRawHub(t, func(w http.ResponseWriter, r *http.Request) {
		if conn, err := shake(w, r); err == nil {
			<-stop
			conn.CloseNow()
		}
	})
	t.Cleanup(func() { close(stop) })
	c, err := client.Dial(suiteContext(t), h.URL, connected.Hub, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for err == nil {
		err = client.Send(ctx, c, connected.SendMethod, connected.Send{Message: strings.Repeat("x", 30<<10)})
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	begun := time.Now()
	c.Close()
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("Close took %v, three times what it may", took)
	}
}
