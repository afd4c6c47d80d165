package server_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"partline.dev/server"
	"partline.dev/server/connected"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

func TestMounts_anyPathInAnyCase(t *testing.T) {
	m := connected.New()
	h := serve(t, func(o *server.Options) {
		o.Mounts = []server.Mount{{Path: "/Chat", Hubs: []*hub.Mux{m}}, {Path: "/deep/down/chat", Hubs: []*hub.Mux{m}}}
	})
	for path, want := range map[string]int{
		"/chat/negotiate":           http.StatusOK,
		"/Chat/negotiate":           http.StatusOK,
		"/CHAT/Negotiate/":          http.StatusOK,
		"/deep/down/chat/negotiate": http.StatusOK,
		"/Deep/Down/Chat":           http.StatusBadRequest, // it misses an id
		"/chat":                     http.StatusBadRequest,
		"/chat/":                    http.StatusBadRequest,
		"/chat/other":               http.StatusNotFound,
		"/hubs/connected/negotiate": http.StatusNotFound,
		"/other/negotiate":          http.StatusNotFound,
	} {
		if got := ask(t, h, http.MethodPost, path); got.Code != want {
			t.Errorf("%s: %d %s, not %d", path, got.Code, got.Body, want)
		}
	}
}

// A browser shows a page of another site the 404 only with these headers; without
// them all that its programmer sees is a network error.
func TestMounts_unknownHubsAreToldToOtherSites(t *testing.T) {
	const site = "https://intranet.example"
	h := serve(t, func(o *server.Options) { o.AllowHosts = []string{site} })
	for _, path := range []string{"/hubs/other/negotiate", "/hubs/other", "/hubs/connected/negotiate/negotiate", "/nowhere/negotiate"} {
		got := ask(t, h, http.MethodPost, path, "Origin", site)
		if got.Code != http.StatusNotFound || got.Header().Get("Access-Control-Allow-Origin") != site || got.Body.String() != "There is no hub at this address." {
			t.Errorf("%s: %d %q, %v", path, got.Code, got.Body, got.Header())
		}
		got = ask(t, h, http.MethodOptions, path, "Origin", site, "Access-Control-Request-Method", "POST")
		if got.Code != http.StatusNoContent || got.Header().Get("Access-Control-Allow-Origin") != site {
			t.Errorf("the preflight of %s: %d, %v", path, got.Code, got.Header())
		}
		if got := ask(t, h, http.MethodPost, path, "Origin", "https://evil.example"); got.Code != http.StatusForbidden {
			t.Errorf("%s of a site that is not allowed: %d", path, got.Code)
		}
	}
}

func TestMounts_haveTransportsAndRedirectsOfTheirOwn(t *testing.T) {
	m := connected.New()
	h := serve(t, func(o *server.Options) {
		o.Transports = front.WebSockets | front.LongPolling
		o.Mounts = []server.Mount{
			{Path: "/all", Hubs: []*hub.Mux{m}},
			{Path: "/polled", Hubs: []*hub.Mux{m}, Transports: front.LongPolling | front.ServerSentEvents},
			{Path: "/gone", Hubs: []*hub.Mux{m}, Redirect: func(r *http.Request, _ hub.Principal) (url, token string, ok bool) {
				return "https://elsewhere.example" + r.URL.Path, "t", true
			}},
		}
	})
	for path, want := range map[string]struct {
		has    string
		hasNot []string
	}{
		"/all/negotiate":    {`"transport":"WebSockets"`, []string{"ServerSentEvents"}},
		"/polled/negotiate": {`"transport":"LongPolling"`, []string{"ServerSentEvents", "WebSockets"}},
		"/gone/negotiate":   {`"url":"https://elsewhere.example/gone/negotiate"`, []string{"availableTransports"}},
	} {
		got := ask(t, h, http.MethodPost, path).Body.String()
		if !strings.Contains(got, want.has) {
			t.Errorf("%s: there is no %s in %s", path, want.has, got)
		}
		for _, not := range want.hasNot {
			if strings.Contains(got, not) {
				t.Errorf("%s: there is %s in %s", path, not, got)
			}
		}
	}
}

func TestMounts_ofBytes(t *testing.T) {
	h := serve(t, func(o *server.Options) {
		o.Mounts = []server.Mount{{Path: "/echo", Connection: func(ctx context.Context, c *transport.Connection) error {
			for {
				b, err := c.Read(ctx)
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				if err := c.Write(ctx, b); err != nil {
					return err
				}
			}
		}}}
	})
	s := httptest.NewServer(h)
	defer s.Close()
	c, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/ECHO", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, got, err := c.Read(t.Context()); err != nil || string(got) != "hello" {
		t.Errorf("the echo is %q, %v", got, err)
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func TestMounts_sayWhatIsWrong(t *testing.T) {
	bytes := func(context.Context, *transport.Connection) error { return nil }
	one := []*hub.Mux{connected.New()}
	for want, mounts := range map[string][]server.Mount{
		"has 0 hubs":                  {{Path: "/a"}},
		"a hub and a connection":      {{Path: "/a", Hubs: one, Connection: bytes}},
		"the same in any case":        {{Path: "/a", Connection: bytes}, {Path: "/A", Connection: bytes}},
		"the server itself answers":   {{Path: "/Healthz", Connection: bytes}},
		"starts with a slash":         {{Path: "a", Connection: bytes}},
		"names between single slashe": {{Path: "/a//b", Connection: bytes}},
	} {
		if _, err := server.New(server.Options{Mounts: mounts}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, and should say %q", err, want)
		}
	}
}

func TestParseTransports(t *testing.T) {
	for _, e := range []struct {
		names []string
		want  front.Transports
		wrong bool
	}{
		{nil, 0, false},
		{[]string{"websockets"}, front.WebSockets, false},
		{[]string{"LongPolling", " ServerSentEvents"}, front.LongPolling | front.ServerSentEvents, false},
		{[]string{"WebSockets", "ServerSentEvents", "LongPolling"}, front.WebSockets | front.ServerSentEvents | front.LongPolling, false},
		{[]string{"foreverFrame"}, 0, true},
		{[]string{""}, 0, true},
	} {
		got, err := server.ParseTransports(e.names...)
		if got != e.want || (err != nil) != e.wrong {
			t.Errorf("%q: %v, %v", e.names, got, err)
		}
		if err != nil && !strings.Contains(err.Error(), "WebSockets, ServerSentEvents, LongPolling") {
			t.Errorf("%q: the error does not say what there is: %v", e.names, err)
		}
	}
}

func TestLimits_sayWhatIsWrong(t *testing.T) {
	for want, o := range map[string]server.Options{
		"--message-limit is 2097152; it must be at most 1048576: ": {MessageLimit: 2 << 20},
		"--stream-limit is -1; it must be 1 or more":               {StreamLimit: -1},
		"--negotiate-rate is -5":                                   {NegotiateRate: -5},
		"--connections-per-address is 33554432; it must be at most": {
			ConnectionsPerAddress: 1 << 25},
		"--handshake-timeout is negative":                               {HandshakeTimeout: -1},
		"--classic-message-limit is 2097152; it must be at most":        {Classic: server.ClassicOptions{MessageLimit: 2 << 20}},
		"--classic-disconnect-timeout is 5s; it must be from 6s to 1h":  {Classic: server.ClassicOptions{DisconnectTimeout: 5 * time.Second}},
		"--classic-replay-messages is -1":                               {Classic: server.ClassicOptions{ReplayMessages: -1}},
		"--classic-replay-bytes is -2":                                  {Classic: server.ClassicOptions{ReplayBytes: -2}},
		"--history-bytes is -1":                                         {HistoryBytes: -1},
		"--history-messages is 33554432; it must be at most 16777216: ": {HistoryMessages: 1 << 25},
		"a third of DisconnectTimeout":                                  {Classic: server.ClassicOptions{KeepAlive: 11 * time.Second}},
	} {
		if _, err := server.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, and should say %q", err, want)
		}
	}
}
