package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"partline.dev/server"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// bytesClient is a client of a connection that carries bytes, of either
// generation.
type bytesClient struct {
	t  *testing.T
	ws *websocket.Conn
}

func dialBytes(t *testing.T, at string) *bytesClient {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(at, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return &bytesClient{t, c}
}

// dialBytesClassic is dialBytes as jQuery SignalR 2 does it.
func dialBytesClassic(t *testing.T, h http.Handler, s *httptest.Server, path string) *bytesClient {
	t.Helper()
	var reply struct{ ConnectionToken string }
	if got := ask(t, h, http.MethodGet, path+"/negotiate?clientProtocol=2.1"); json.Unmarshal(got.Body.Bytes(), &reply) != nil {
		t.Fatal(got.Body)
	}
	query := "?transport=webSockets&clientProtocol=2.1&connectionToken=" + url.QueryEscape(reply.ConnectionToken)
	c := dialBytes(t, s.URL+path+"/connect"+query)
	c.hear(`"S":1`)
	if got := ask(t, h, http.MethodGet, path+"/start"+query); got.Code != http.StatusOK {
		t.Fatalf("start: %d %s", got.Code, got.Body)
	}
	return c
}

func (c *bytesClient) say(text string) {
	c.t.Helper()
	if err := c.ws.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// hear reads until a message has want in it.
func (c *bytesClient) hear(want string) {
	c.t.Helper()
	for {
		_, b, err := c.ws.Read(c.t.Context())
		if err != nil {
			c.t.Fatalf("waiting for %q: %v", want, err)
		}
		if strings.Contains(string(b), want) {
			return
		}
	}
}

func TestMounts_rawHubOfBothGenerations(t *testing.T) {
	raw := hub.NewRaw("ticker")
	h := serve(t, func(o *server.Options) {
		o.Mounts = []server.Mount{{Path: "/ticker", Hubs: []*hub.Mux{raw}, Connection: func(ctx context.Context, c *transport.Connection) error {
			for {
				group, err := c.Read(ctx)
				if err != nil {
					return err
				}
				if err := c.Join(string(group)); err != nil {
					return err
				}
				if err := c.Publish(ctx, c.OthersInGroup(string(group)), []byte("somebody came")); err != nil {
					return err
				}
				if err := c.WriteJSON(ctx, []byte(`{"joined":true}`)); err != nil {
					return err
				}
			}
		}}}
	})
	s := httptest.NewServer(h)
	defer s.Close()
	core, classic := dialBytes(t, s.URL+"/ticker"), dialBytesClassic(t, h, s, "/ticker")
	core.say("rates")
	core.hear(`{"joined":true}`)
	classic.say("rates")
	classic.hear(`"M":[{"joined":true}]`)
	core.hear("somebody came")

	if err := hub.PublishRaw(t.Context(), raw.Group("rates"), []byte("1.08 \"up\"")); err != nil {
		t.Fatal(err)
	}
	core.hear(`1.08 "up"`)
	classic.hear(`"M":["1.08 \"up\""]`)
	if err := hub.PublishRawJSON(t.Context(), raw.All(), []byte(`{"rate":1.09}`)); err != nil {
		t.Fatal(err)
	}
	core.hear(`{"rate":1.09}`)
	classic.hear(`"M":[{"rate":1.09}]`)
}

func TestMounts_refusedRawHubs(t *testing.T) {
	run := func(context.Context, *transport.Connection) error { return nil }
	for want, m := range map[string]server.Mount{
		"one hub of hub.NewRaw":          {Path: "/a", Connection: run, Hubs: []*hub.Mux{hub.NewRaw("a"), hub.NewRaw("b")}},
		"there is no connection handler": {Path: "/a", Hubs: []*hub.Mux{hub.NewRaw("a")}},
	} {
		if _, err := server.New(server.Options{Mounts: []server.Mount{m}, Data: t.TempDir()}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}
