package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"partline.dev/server"
	"partline.dev/server/hub"
)

// classicPolls is a client of jQuery SignalR 2 that polls.
type classicPolls struct {
	*polled
	query  string
	cursor string // of the last that it had
}

// pollsClassic connects a client at base, as who that token says, to the hub
// observed.
func pollsClassic(t *testing.T, base, bearer string) *classicPolls {
	t.Helper()
	c := &classicPolls{polled: &polled{t: t, address: base}}
	rest := &http.Transport{}
	t.Cleanup(rest.CloseIdleConnections)
	c.client.Transport = authorized{rest, bearer}
	c.query = "?clientProtocol=2.1&connectionData=" + listed("observed")
	var reply struct{ ConnectionID, ConnectionToken string }
	if err := json.Unmarshal([]byte(c.do("GET", base+"/negotiate"+c.query, "", 200)), &reply); err != nil {
		t.Fatal(err)
	}
	c.id, c.token = reply.ConnectionID, reply.ConnectionToken
	c.query += "&transport=longPolling&connectionToken=" + url.QueryEscape(reply.ConnectionToken)
	if first := c.answer("connect"); !strings.Contains(first, `"S":1`) {
		t.Fatalf("the first answer is %s", first)
	}
	if got := c.do("GET", base+"/start"+c.query, "", 200); !strings.Contains(got, "started") {
		t.Fatalf("start: %s", got)
	}
	return c
}

// answer asks for what comes after the cursor.
func (c *classicPolls) answer(action string) string {
	c.t.Helper()
	body := c.do("POST", c.address+"/"+action+c.query+"&messageId="+url.QueryEscape(c.cursor), "", 200)
	var reply struct{ C string }
	if err := json.Unmarshal([]byte(body), &reply); err != nil || reply.C == "" {
		c.t.Fatalf("%s: %v in %s", action, err, body)
	}
	c.cursor = reply.C
	return body
}

// call calls a method that has no result.
func (c *classicPolls) call(method, argument string) {
	c.t.Helper()
	message, err := json.Marshal(map[string]any{"H": "observed", "M": method, "A": []string{argument}, "I": 1})
	if err != nil {
		c.t.Fatal(err)
	}
	reply, err := c.client.PostForm(c.address+"/send"+c.query, url.Values{"data": {string(message)}})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	if b, err := io.ReadAll(reply.Body); err != nil || reply.StatusCode != http.StatusOK || string(b) != `{"I":"1"}` {
		c.t.Errorf("%s: %d %s, %v", method, reply.StatusCode, b, err)
	}
}

func TestMetrics_ofClassicClients(t *testing.T) {
	addr, metrics := freeAddr(t), freeAddr(t)
	running(t, server.Options{Addr: addr, MetricsAddr: metrics, Hubs: []*hub.Mux{newObserved()},
		Authenticate: func(*http.Request) (hub.Principal, error) { return hub.Principal{ID: "ann"}, nil }})
	says := func(want string) bool {
		_, body := get(t, "http://"+metrics+"/metrics")
		return strings.Contains(body, "\n"+want+"\n")
	}
	expect := func(when string, lines ...string) {
		t.Helper()
		for _, want := range lines {
			if !says(want) {
				_, body := get(t, "http://"+metrics+"/metrics")
				t.Errorf("%s the metrics do not say %s, but\n%s", when, want, body)
			}
		}
	}
	core := longPolls(t, "http://"+addr+"/hubs/observed", "")
	c := pollsClassic(t, "http://"+addr+"/signalr", "")
	expect("with two clients",
		`partline_links{protocol="classic",transport="long_polling"} 1`,
		`partline_links{protocol="core",transport="long_polling"} 1`,
		`signalr_server_active_connections{signalr_transport="long_polling"} 2`,
		`partline_recent_events 0`,
	)
	before := c.cursor
	c.call("Say", "hello")
	if got := c.answer("poll"); !strings.Contains(got, `"M":"said","A":["hello"]`) {
		t.Errorf("the client hears %s", got)
	}
	c.cursor = before
	if got := c.answer("reconnect"); !strings.Contains(got, `"M":"said","A":["hello"]`) {
		t.Errorf("the client hears %s when it comes back", got)
	}
	expect("when it came back", "partline_reconnects_total 1", "partline_connections_remade_total 0", "partline_recent_events 1", "partline_recent_missed_total 0")
	if says("partline_recent_bytes 0") {
		t.Error("an event that is kept costs nothing")
	}
	c.do("POST", c.address+"/abort"+c.query, "", 200)
	await(t, "the end of the connection", func() bool {
		return says(`partline_links{protocol="classic",transport="long_polling"} 0`) &&
			says(`partline_closes_total{protocol="classic",reason="normal"} 1`) &&
			says(`partline_closes_total{protocol="core",reason="normal"} 0`)
	})
	core.bye()
	await(t, "the end of the other", func() bool { return says(`partline_closes_total{protocol="core",reason="normal"} 1`) })
}

func TestTraces_ofClassicClientsAreWithoutSecrets(t *testing.T) {
	addr, stop := traced(t)
	c := pollsClassic(t, "http://"+addr+"/signalr", "bearer-of-the-test")
	c.call("Say", "words-of-the-test")
	c.do("POST", c.address+"/abort"+c.query, "", 200)
	sent := stop()
	for _, name := range []string{"GET /signalr/negotiate", "observed/OnConnectedAsync", "observed/Say", "publish observed/said"} {
		if sent.scope[name] == "" {
			t.Errorf("there is no span %s: %v", name, sent.scope)
		}
	}
	sent.holdNone(t, "of-the-test", c.id, c.token)
}
