package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	v1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"partline.dev/server"
	"partline.dev/server/hub"
	"partline.dev/server/telemetry/otlp"
	"partline.dev/shared/contract"
)

// polled is a client that polls, which is all that these tests need of one.
type polled struct {
	t       *testing.T
	client  http.Client
	address string
	id      string // of the connection: public
	token   string
}

// longPolls connects a client at url as who that token says.
func longPolls(t *testing.T, url, bearer string) *polled {
	t.Helper()
	c := &polled{t: t, address: url}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c.client.Transport = authorized{transport, bearer}
	var reply struct{ ConnectionID, ConnectionToken string }
	if err := json.Unmarshal([]byte(c.do("POST", url+"/negotiate?negotiateVersion=1", "", 200)), &reply); err != nil {
		t.Fatal(err)
	}
	c.id, c.token = reply.ConnectionID, reply.ConnectionToken
	c.address += "?id=" + reply.ConnectionToken
	c.do("GET", c.address, "", 200)
	c.say(`{"protocol":"json","version":1}`)
	c.hear("{}")
	return c
}

// authorized sends a bearer token with every request.
type authorized struct {
	http.RoundTripper
	token string
}

func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+a.token)
	return a.RoundTripper.RoundTrip(r)
}

// do is the body of a reply of that status.
func (c *polled) do(method, url, body string, status int) string {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	reply, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	b, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != status {
		c.t.Fatalf("%s: status %d, %q, %v", method, reply.StatusCode, b, err)
	}
	return string(b)
}

func (c *polled) say(message string) {
	c.t.Helper()
	c.do("POST", c.address, message+"\x1e", 200)
}

// hear polls until a message has come that begins so.
func (c *polled) hear(begins string) {
	c.t.Helper()
	for {
		for message := range strings.SplitSeq(c.do("GET", c.address, "", 200), "\x1e") {
			if strings.HasPrefix(message, begins) {
				return
			}
		}
	}
}

// bye ends the connection.
func (c *polled) bye() {
	c.t.Helper()
	c.do("DELETE", c.address, "", 202)
}

type line struct{ Text string }

var (
	observedHub = contract.NewHub("observed")
	sayMethod   = contract.NewMethod[line, contract.None](observedHub, "Say")
	failMethod  = contract.NewMethod[line, contract.None](observedHub, "Fail")
	saidEvent   = contract.NewEvent[line](observedHub, "said")
)

func newObserved() *hub.Mux {
	m := hub.New(contract.NewAPI(observedHub, sayMethod, failMethod, saidEvent))
	m.OnConnect(func(*hub.Context) error { return nil })
	hub.Handle(m, sayMethod, func(x *hub.Context, l line) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.User(x.Principal().ID), saidEvent, l)
	})
	hub.Handle(m, failMethod, func(_ *hub.Context, l line) (contract.None, error) {
		return contract.None{}, fmt.Errorf("no %s", l.Text)
	})
	return m
}

// collecting is a collector of traces.
type collecting struct {
	mu    sync.Mutex // protects the others
	bytes []byte     // all that was sent
	spans map[string]*v1.Span
	scope map[string]string // by name of a span
}

func (c *collecting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	sent := new(collector.ExportTraceServiceRequest)
	if err != nil || proto.Unmarshal(body, sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes = append(c.bytes, body...)
	for _, of := range sent.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans[s.GetName()], c.scope[s.GetName()] = s, scope.GetScope().GetName()
			}
		}
	}
}

// traced serves with a collector of traces, which stop gives with all that it was
// sent.
func traced(t *testing.T) (addr string, stop func() *collecting) {
	sent := &collecting{spans: map[string]*v1.Span{}, scope: map[string]string{}}
	receiver := httptest.NewServer(sent)
	t.Cleanup(receiver.Close)
	traces, err := otlp.Open(t.Context(), otlp.Options{Endpoint: receiver.URL})
	if err != nil {
		t.Fatal(err)
	}
	addr = freeAddr(t)
	end := running(t, server.Options{
		Addr: addr, Hubs: []*hub.Mux{newObserved()}, TracerProvider: traces.Provider(),
		Authenticate: func(*http.Request) (hub.Principal, error) { return hub.Principal{ID: "user-of-the-test"}, nil },
	})
	return addr, func() *collecting {
		if err := errors.Join(end(), traces.Close(t.Context())); err != nil {
			t.Fatal(err)
		}
		return sent
	}
}

// holdNone fails the test if any of these texts is in the traces.
func (c *collecting) holdNone(t *testing.T, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if secret == "" || strings.Contains(string(c.bytes), secret) {
			t.Errorf("the traces hold %q", secret)
		}
	}
}

func TestTraces_reachACollectorWithoutSecrets(t *testing.T) {
	addr, stop := traced(t)
	c := longPolls(t, "http://"+addr+"/hubs/observed", "bearer-of-the-test")
	c.say(`{"type":1,"invocationId":"1","target":"SAY","arguments":["words-of-the-test"]}`)
	c.hear(`{"type":3,"invocationId":"1"`)
	c.say(`{"type":1,"invocationId":"2","target":"fail","arguments":["words-of-the-test"]}`)
	c.hear(`{"type":3,"invocationId":"2"`)
	c.say(`{"type":1,"invocationId":"3","target":"Name-of-the-test","arguments":[]}`)
	c.hear(`{"type":3,"invocationId":"3"`)
	c.bye()
	sent := stop()
	for name, scope := range map[string]string{
		"POST /hubs/observed/negotiate": "partline.dev/server",
		"observed/OnConnectedAsync":     "Microsoft.AspNetCore.SignalR.Server",
		"observed/Say":                  "Microsoft.AspNetCore.SignalR.Server",
		"observed/Fail":                 "Microsoft.AspNetCore.SignalR.Server",
		"publish observed/said":         "partline.dev/server",
	} {
		if got, ok := sent.scope[name]; !ok || got != scope {
			t.Errorf("the span %s is of %q, want %q", name, got, scope)
		}
	}
	if len(sent.spans) != 5 {
		t.Errorf("there are %d kinds of spans: %v", len(sent.spans), sent.scope)
	}
	if published, said := sent.spans["publish observed/said"], sent.spans["observed/Say"]; string(published.GetParentSpanId()) != string(said.GetSpanId()) {
		t.Error("what a method publishes is not inside its span")
	}
	if failed := sent.spans["observed/Fail"]; failed.GetStatus().GetCode() != v1.Status_STATUS_CODE_ERROR {
		t.Errorf("the failed call has the status %v", failed.GetStatus())
	}
	sent.holdNone(t, "of-the-test", c.id, c.token)
}

// SignalR's own metrics, by the names that its dashboards know.
func TestMetrics_ofSignalR(t *testing.T) {
	addr, metrics := freeAddr(t), freeAddr(t)
	running(t, server.Options{Addr: addr, MetricsAddr: metrics, Hubs: []*hub.Mux{newObserved()}})
	says := func(want string) bool {
		_, body := get(t, "http://"+metrics+"/metrics")
		return strings.Contains(body, "\n"+want+"\n")
	}
	c := longPolls(t, "http://"+addr+"/hubs/observed", "")
	for _, want := range []string{
		`signalr_server_active_connections{signalr_transport="long_polling"} 1`,
		`signalr_server_active_connections{signalr_transport="web_sockets"} 0`,
		`signalr_server_active_connections{signalr_transport="server_sent_events"} 0`,
	} {
		if !says(want) {
			t.Errorf("the metrics do not say %s", want)
		}
	}
	c.bye()
	await(t, "the end of the connection", func() bool {
		return says(`signalr_server_active_connections{signalr_transport="long_polling"} 0`) &&
			says(`signalr_server_connection_duration_seconds_count{signalr_connection_status="normal_closure",signalr_transport="long_polling"} 1`)
	})
	if !says("# TYPE signalr_server_connection_duration_seconds histogram") {
		t.Error("the durations are no histogram")
	}
}

// A server that traces nothing does not even ask.
func TestTraces_areOffByThemselves(t *testing.T) {
	s, err := server.New(server.Options{Log: slog.New(slog.DiscardHandler), Hubs: []*hub.Mux{newObserved()}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(t.Context()) }()
	if server.Traced(s) {
		t.Error("there is a tracer")
	}
}
