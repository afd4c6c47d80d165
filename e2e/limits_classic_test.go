package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"partline.dev/internal/testkit/partline"
)

// classicRequest asks s for what a client of jQuery SignalR 2 asks for, and returns
// the status and the body of the reply.
func classicRequest(t *testing.T, s *partline.Server, method, action string, query, form url.Values) string {
	t.Helper()
	query.Set("clientProtocol", "2.1")
	query.Set("connectionData", `[{"name":"chathub"}]`)
	query.Set("transport", "longPolling")
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/signalr/"+action+"?"+query.Encode(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	answer, err := once.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status + " " + string(content)
}

// classicToken is the query with the token of a connection that s has negotiated.
func classicToken(t *testing.T, s *partline.Server) url.Values {
	t.Helper()
	var reply struct{ ConnectionToken string }
	body := strings.TrimPrefix(classicRequest(t, s, http.MethodGet, "negotiate", url.Values{}, nil), "200 OK ")
	if err := json.Unmarshal([]byte(body), &reply); err != nil || reply.ConnectionToken == "" {
		t.Fatalf("%v in %s", err, body)
	}
	return url.Values{"connectionToken": {reply.ConnectionToken}}
}

// missed is what a client hears that comes back after three calls of its own.
func missed(t *testing.T, s *partline.Server) string {
	t.Helper()
	query := classicToken(t, s)
	var first struct{ C string }
	body := strings.TrimPrefix(classicRequest(t, s, http.MethodPost, "connect", query, nil), "200 OK ")
	if err := json.Unmarshal([]byte(body), &first); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	say := func(word string) {
		message := `{"H":"chatHub","M":"Send","A":["me","` + word + `"],"I":0}`
		if got := classicRequest(t, s, http.MethodPost, "send", query, url.Values{"data": {message}}); got != `200 OK {"I":"0"}` {
			t.Fatalf("send: %s", got)
		}
	}
	classicRequest(t, s, http.MethodGet, "start", query, nil)
	for _, word := range []string{"one", "two", "three"} {
		say(word)
	}
	// A page that is late is told the cursor of now, at once or with what comes.
	came := make(chan string, 1)
	go func() {
		came <- classicRequest(t, s, http.MethodPost, "reconnect", query, url.Values{"messageId": {first.C}})
	}()
	for {
		select {
		case got := <-came:
			return got
		default:
			say("later")
		}
	}
}

// Each limit of classic clients is set by its flag.
func TestLimits_ofClassicClientsAreFlags(t *testing.T) {
	t.Parallel()
	for _, e := range []struct {
		flags, want, not string
		meet             func(t *testing.T, s *partline.Server) string
	}{
		{"", `["me","one"]`, "nothing", missed},
		{"--classic-replay-messages 2", `"M":[`, `["me","one"]`, missed},
		{"--classic-replay-bytes 1", `"M":[`, `["me","one"]`, missed},
		{"--classic-message-limit 100", "413 Request Entity Too Large", "200", func(t *testing.T, s *partline.Server) string {
			return classicRequest(t, s, http.MethodPost, "send", classicToken(t, s), url.Values{"data": {strings.Repeat("x", 101)}})
		}},
		{"--classic-disconnect-timeout 6s", `"KeepAliveTimeout":4.0,"DisconnectTimeout":6.0,`, "30.0", func(t *testing.T, s *partline.Server) string {
			return classicRequest(t, s, http.MethodGet, "negotiate", url.Values{}, nil)
		}},
		{"--transports LongPolling", `"TryWebSockets":false`, "true", func(t *testing.T, s *partline.Server) string {
			return classicRequest(t, s, http.MethodGet, "negotiate", url.Values{}, nil)
		}},
	} {
		t.Run(e.flags, func(t *testing.T) {
			t.Parallel()
			s := partline.Start(t, binary, strings.Fields(e.flags)...)
			if got := e.meet(t, s); !strings.Contains(got, e.want) || strings.Contains(got, e.not) {
				t.Errorf("the answer is %s; it should say %s, and not %s", got, e.want, e.not)
			}
		})
	}
}
