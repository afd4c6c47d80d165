package classic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
)

// The clients that the original pages name, as replayed fixtures: these are the
// protocol numbers and the requests of those versions, written down, and not the
// scripts themselves, which are run only in the versions that npm has.
var fixtures = []struct {
	client   string // jquery.signalR
	protocol string
	starts   bool // it says /start
	gets     bool // it polls by GET, and says all in the address
}{
	{"2.0.3", "1.3", false, true},
	{"2.1.2", "1.4", true, true},
	{"2.2.1", "1.5", true, false},
	{"2.4.3", "2.1", true, false},
}

// greeting is a chat that greets who connects, and tells that it did.
func greeting(greeted chan<- struct{}) *hub.Mux {
	m := newChat()
	m.OnConnect(func(x *hub.Context) error {
		greeted <- struct{}{}
		return hub.Publish(x, x.Caller(), lineEvent, line{Name: "hub", Message: "welcome"})
	})
	return m
}

func TestFixtures(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.client, func(t *testing.T) {
			eachWay(t, func(t *testing.T, way string) {
				greeted := make(chan struct{}, 10)
				s := serve(t, classic.Options{}, nil, greeting(greeted))
				c := &client{t: t, http: s.http(), kind: way, version: f.protocol, hubs: []string{"chatHub"}}

				// Each wants its own number back; 2.4.3 takes 2.0 for its 2.1.
				var reply struct{ ConnectionToken, ConnectionId, ProtocolVersion, Url string }
				if err := json.Unmarshal([]byte(c.get("negotiate", nil)), &reply); err != nil {
					t.Fatal(err)
				}
				if want := strings.Replace(f.protocol, "2.1", "2.0", 1); reply.ProtocolVersion != want || reply.Url != "/signalr" {
					t.Fatalf("%+v", reply)
				}
				c.token, c.id = reply.ConnectionToken, reply.ConnectionId
				t.Cleanup(c.cut)

				open := func(action string) {
					t.Helper()
					if err := c.open(action); err != nil {
						t.Fatal(err)
					}
					if polls, ok := c.link.(*pollWire); ok && f.gets {
						c.link = getWire{polls}
					}
				}
				open("connect")
				first := c.next()
				if !regexp.MustCompile(`^\{"C":"d-[0-9A-F]+,[0-9A-F]+","S":1,("L":0,)?"M":\[\]\}$`).MatchString(first.text) {
					t.Errorf("the first word is %s", first.text)
				}
				if len(greeted) > 0 == f.starts {
					t.Errorf("after connect the hub has greeted %d times", len(greeted))
				}
				if f.starts {
					c.start()
				}
				c.expect(said("hub", "welcome"))
				if len(greeted) != 1 {
					t.Errorf("the hub has greeted %d times", len(greeted))
				}
				c.works("it began")
				c.cut()
				c.sendWithoutLink("Send", "while", "away")
				open("reconnect")
				c.expect(said("while", "away"))
				if status, body, err := c.do(t.Context(), http.MethodPost, "abort", nil, nil); status != 200 || body != "" || err != nil {
					t.Errorf("abort: %d %q %v", status, body, err)
				}
			})
		})
	}
}

// sendWithoutLink calls a method of the chat by /send.
func (c *client) sendWithoutLink(method string, arguments ...any) {
	c.t.Helper()
	c.post("send", url.Values{"data": {c.invocation("chatHub", method, arguments...)}})
}

// getWire polls by GET.
type getWire struct{ *pollWire }

func (w getWire) next(ctx context.Context) (string, error) {
	query := url.Values{}
	if w.action != "connect" {
		query.Set("messageId", w.client.cursor)
	}
	if w.client.groups != "" {
		query.Set("groupsToken", w.client.groups)
	}
	status, body, err := w.client.do(ctx, http.MethodGet, w.action, query, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", w.action, status, body)
	}
	w.action = "poll"
	return body, err
}
