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
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/contract"
)

// named returns a hub without methods, whose name pages know as classic; empty: as
// its own.
func named(name, classic string) *hub.Mux {
	var options []contract.HubOption
	if classic != "" {
		options = append(options, contract.ClassicName(classic))
	}
	return hub.New(contract.NewAPI(contract.NewHub(name, options...)))
}

// A page of another site loads the script without an Origin, whoever may connect.
func TestScript_isAtEveryAddressForEverybody(t *testing.T) {
	chat, quiz := named("chat", "chatHub"), named("quiz", "")
	h := serve(t, func(o *server.Options) {
		o.Hubs = []*hub.Mux{chat, quiz}
		o.Mounts = []server.Mount{
			{Path: "/Talk/signalr", Hubs: []*hub.Mux{chat}},
			{Path: "/none", Hubs: []*hub.Mux{quiz}, NoScript: true},
			{Path: "/bytes", Connection: func(context.Context, *transport.Connection) error { return nil }},
		}
		o.Authenticate = func(*http.Request) (hub.Principal, error) { return hub.Principal{}, context.Canceled }
	})
	for path, want := range map[string][]string{
		"/signalr/hubs":       {`$.hubConnection("/signalr"`, `add("chatHub"`, `add("quiz"`},
		"/SignalR/JS/":        {`$.hubConnection("/signalr"`, `add("chatHub"`, `add("quiz"`},
		"/hubs/quiz/hubs":     {`$.hubConnection("/hubs/quiz"`, `add("quiz"`},
		"/talk/signalr/hubs":  {`$.hubConnection("/Talk/signalr"`, `add("chatHub"`},
		"/none/js":            {"JavaScript Hub proxy generation has been disabled."},
		"/talk/signalr/hubs/": {`add("chatHub"`},
	} {
		got := ask(t, h, http.MethodGet, path, "Sec-Fetch-Site", "cross-site", "Cookie", "a=b")
		if got.Code != http.StatusOK || got.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: %d %v", path, got.Code, got.Header())
		}
		for _, part := range want {
			if !strings.Contains(got.Body.String(), part) {
				t.Errorf("%s: there is no %s in\n%s", path, part, got.Body)
			}
		}
		if got := ask(t, h, http.MethodGet, path, "If-None-Match", got.Header().Get("ETag")); got.Code != http.StatusNotModified {
			t.Errorf("%s: %d when asked again", path, got.Code)
		}
	}
	for _, path := range []string{"/bytes/hubs", "/signalr/other", "/hubs/hubs", "/hubs/nowhere/hubs"} {
		if got := ask(t, h, http.MethodGet, path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

func TestScript_hasTheBasePathThatPagesReach(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.PublicURL = "https://parts.example/apps/line" })
	for _, path := range []string{"/signalr/hubs", "/apps/line/signalr/hubs"} {
		got := ask(t, h, http.MethodGet, path)
		if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `$.hubConnection("/apps/line/signalr"`) {
			t.Errorf("%s: %d\n%s", path, got.Code, got.Body)
		}
	}
}

func TestMounts_ofManyHubsTellCoreClientsWhereTheyAre(t *testing.T) {
	const site = "https://intranet.example"
	chat, quiz, poll := named("chat", ""), named("quiz", ""), named("poll", "")
	h := serve(t, func(o *server.Options) {
		o.AllowHosts = []string{site}
		o.PublicURL = "https://parts.example/apps"
		o.Hubs = []*hub.Mux{chat, quiz}
		o.Mounts = []server.Mount{
			{Path: "/Chat", Hubs: []*hub.Mux{chat}},
			{Path: "/all", Hubs: []*hub.Mux{chat, poll}},
		}
	})
	for path, want := range map[string]string{
		"/signalr/negotiate":  ": chat at /apps/Chat, /apps/hubs/chat; quiz at /apps/hubs/quiz.",
		"/signalr":            ": chat at /apps/Chat, /apps/hubs/chat; quiz at /apps/hubs/quiz.",
		"/apps/all/negotiate": ": chat at /apps/Chat, /apps/hubs/chat; poll nowhere.",
	} {
		got := ask(t, h, http.MethodPost, path, "Origin", site)
		if got.Code != http.StatusNotFound || !strings.HasSuffix(got.Body.String(), want) || got.Header().Get("Access-Control-Allow-Origin") != site {
			t.Errorf("%s: %d %q %v", path, got.Code, got.Body, got.Header())
		}
		if got := ask(t, h, http.MethodPost, path, "Origin", "https://evil.example"); got.Code != http.StatusForbidden {
			t.Errorf("%s of a site that is not allowed: %d", path, got.Code)
		}
	}
}

// With one hub /signalr is an address for both generations.
func TestMounts_ofOneHubServeCoreClients(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.Hubs = []*hub.Mux{named("only", "")} })
	for _, path := range []string{"/signalr/negotiate", "/hubs/only/negotiate"} {
		if got := ask(t, h, http.MethodPost, path); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "availableTransports") {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestMounts_signalrMayBeTheirs(t *testing.T) {
	mine := named("mine", "")
	h := serve(t, func(o *server.Options) {
		o.Hubs = []*hub.Mux{named("other", "")}
		o.Mounts = []server.Mount{{Path: "/SignalR", Hubs: []*hub.Mux{mine}}}
	})
	got := ask(t, h, http.MethodGet, "/signalr/hubs").Body.String()
	if !strings.Contains(got, `add("mine"`) || strings.Contains(got, `add("other"`) {
		t.Errorf("the script is\n%s", got)
	}
}

func TestMounts_differentHubsOfOneClassicName(t *testing.T) {
	one, other := named("one", "chatHub"), named("other", "ChatHub")
	_ = serve(t, func(o *server.Options) {
		o.Mounts = []server.Mount{{Path: "/one/signalr", Hubs: []*hub.Mux{one}}, {Path: "/other/signalr", Hubs: []*hub.Mux{other}}}
	})
	for want, o := range map[string]server.Options{
		"mount /both: two of its hubs are called ChatHub": {Mounts: []server.Mount{{Path: "/both", Hubs: []*hub.Mux{one, other}}}},
		"mount /signalr: two of its hubs are called":      {Hubs: []*hub.Mux{named("a", "chatHub"), named("b", "chatHub")}},
		"a $.connection.hub of its own":                   {Hubs: []*hub.Mux{named("hub", "")}},
		"mount /one/send: clients of the hubs at /One ask there": {Mounts: []server.Mount{
			{Path: "/One", Hubs: []*hub.Mux{named("c", "")}}, {Path: "/one/send", Hubs: []*hub.Mux{named("d", "")}}}},
		"the server itself answers there": {Mounts: []server.Mount{{Path: "/x/Negotiate", Hubs: []*hub.Mux{named("e", "")}}}},
	} {
		if _, err := server.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, and should say %q", err, want)
		}
	}
}

// A mount's transports and redirect are those of classic clients, too.
func TestMounts_haveTransportsAndRedirectsForClassicClients(t *testing.T) {
	m := named("m", "")
	h := serve(t, func(o *server.Options) {
		o.Transports = front.WebSockets | front.LongPolling
		o.Mounts = []server.Mount{
			{Path: "/all", Hubs: []*hub.Mux{m}},
			{Path: "/polled", Hubs: []*hub.Mux{m}, Transports: front.LongPolling | front.ServerSentEvents},
			{Path: "/gone", Hubs: []*hub.Mux{m}, Redirect: func(*http.Request, hub.Principal) (url, token string, ok bool) {
				return "https://elsewhere.example/signalr", "t", true
			}},
		}
	})
	for path, want := range map[string]string{
		"/all":    `"TryWebSockets":true`,
		"/polled": `"TryWebSockets":false`,
		"/gone":   `"RedirectUrl":"https://elsewhere.example/signalr","AccessToken":"t"`,
	} {
		if got := ask(t, h, http.MethodGet, path+"/negotiate?clientProtocol=2.1").Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s: there is no %s in %s", path, want, got)
		}
	}
	for _, path := range []string{"/all", "/polled"} {
		token, _ := classicNegotiated(t, h, path, "", "m")
		got := ask(t, h, http.MethodGet, path+"/connect?clientProtocol=2.1&transport=serverSentEvents&connectionToken="+token+"&connectionData="+listed("m"))
		if got.Code != http.StatusBadRequest || got.Body.String() != "Protocol error: Unknown transport." {
			t.Errorf("events at %s: %d %s", path, got.Code, got.Body)
		}
	}
	_, err := server.New(server.Options{Transports: front.WebSockets, Mounts: []server.Mount{{Path: "/a", Hubs: []*hub.Mux{named("a", "")}, Transports: front.LongPolling}}})
	if err == nil || !strings.Contains(err.Error(), "mount /a: its transports are LongPolling, and --transports allows only WebSockets") {
		t.Errorf("the error is %v", err)
	}
}

// $.connection("/echo"): the function that serves bytes to clients of both.
func TestMounts_ofBytesServeClassicClients(t *testing.T) {
	h := serve(t, func(o *server.Options) {
		o.Mounts = []server.Mount{{Path: "/Echo", Connection: func(ctx context.Context, c *transport.Connection) error {
			for {
				b, err := c.Read(ctx)
				if err != nil {
					return err
				}
				if err := c.Write(ctx, append([]byte("you said "), b...)); err != nil {
					return err
				}
			}
		}}}
	})
	s := httptest.NewServer(h)
	defer s.Close()
	got := ask(t, h, http.MethodGet, "/echo/negotiate?clientProtocol=2.1")
	var reply struct{ ConnectionToken string }
	if err := json.Unmarshal(got.Body.Bytes(), &reply); err != nil {
		t.Fatalf("%v in %s", err, got.Body)
	}
	query := "?transport=webSockets&clientProtocol=2.1&connectionToken=" + url.QueryEscape(reply.ConnectionToken)
	c, answer, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/ECHO/connect"+query, nil)
	if err != nil {
		t.Fatal(err, answer)
	}
	defer func() { _ = c.CloseNow() }()
	hear := func(want string) {
		t.Helper()
		for {
			_, b, err := c.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), want) {
				return
			}
		}
	}
	hear(`"S":1`)
	if got := ask(t, h, http.MethodGet, "/echo/start"+query); got.Code != http.StatusOK {
		t.Fatalf("start: %d %s", got.Code, got.Body)
	}
	if err := c.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	hear(`"M":["you said hello"]`)
	if got := ask(t, h, http.MethodPost, "/echo/abort"+query); got.Code != http.StatusOK {
		t.Errorf("abort: %d %s", got.Code, got.Body)
	}
}
