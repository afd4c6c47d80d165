package e2e_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"partline.dev/internal/testkit/partline"
)

// answered is how s answers a request to its hub.
func answered(ctx context.Context, t *testing.T, s *partline.Server, method, query, body string, headers ...string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, s.URL+"/hubs/connected"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := once.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return "nothing yet"
		}
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(answer.Status + " " + string(content))
}

// Each limit is set by its flag, and who meets it reads what it is.
func TestLimits_areFlags(t *testing.T) {
	t.Parallel()
	const handshake = "{\"protocol\":\"json\",\"version\":1}\x1e"
	for _, e := range []struct {
		flags string
		meet  func(t *testing.T, s *partline.Server) string
		want  string
	}{
		{"--connection-limit 1", second, "503 Service Unavailable The server has as many connections as it may have. Try again later."},
		{"--connections-per-address 1", second, "429 Too Many Requests Your address has as many connections as it may have. Close some, or try again later."},
		{"--post-limit 100", func(t *testing.T, s *partline.Server) string {
			token := negotiated(t, s)
			polled(t, s, token)
			return answered(t.Context(), t, s, http.MethodPost, "?id="+token, strings.Repeat("x", 101))
		}, "413 Request Entity Too Large The body of the request is longer than the server takes. Send less at once."},
		{"--message-limit 100 --dev", func(t *testing.T, s *partline.Server) string {
			token := negotiated(t, s)
			polled(t, s, token)
			answered(t.Context(), t, s, http.MethodPost, "?id="+token, handshake+strings.Repeat("x", 200))
			return polled(t, s, token) + polled(t, s, token)
		}, "The maximum message size of 100B was exceeded."},
		{"--negotiate-rate 1 --negotiate-burst 2", func(t *testing.T, s *partline.Server) string {
			answer := ""
			for range 100 {
				if answer = answered(t.Context(), t, s, http.MethodPost, "/negotiate", ""); !strings.HasPrefix(answer, "200") {
					break
				}
			}
			return answer
		}, "429 Too Many Requests Your address negotiates too often. Try again later."},
		{"--poll-limit 1", func(t *testing.T, s *partline.Server) string {
			a, b := negotiated(t, s), negotiated(t, s)
			polled(t, s, a)
			polled(t, s, b)
			waits, end := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				answered(waits, t, s, http.MethodGet, "?id="+a, "")
			}()
			defer func() { end(); <-done }()
			answer := ""
			for range 300 { // until the other one waits
				short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				answer = answered(short, t, s, http.MethodGet, "?id="+b, "")
				cancel()
				if strings.HasPrefix(answer, "503") {
					break
				}
			}
			return answer
		}, "503 Service Unavailable Too many clients are polling. Try again later."},
		{"--transports WebSockets", func(t *testing.T, s *partline.Server) string {
			return polled(t, s, negotiated(t, s))
		}, "404 Not Found LongPolling transport not supported by this end point type"},
	} {
		t.Run(e.flags, func(t *testing.T) {
			t.Parallel()
			s := partline.Start(t, binary, strings.Fields(e.flags)...)
			if got := e.meet(t, s); !strings.Contains(got, e.want) {
				t.Errorf("the answer is %q, and should say %q", got, e.want)
			}
		})
	}
}

// second is how a second connection is answered.
func second(t *testing.T, s *partline.Server) string {
	t.Helper()
	if first := polled(t, s, negotiated(t, s)); first != "200 OK" {
		t.Errorf("the first connection is answered %q", first)
	}
	return polled(t, s, negotiated(t, s))
}

// Behind a proxy that is trusted each client has limits of its own.
func TestLimits_ofClientsBehindAProxy(t *testing.T) {
	t.Parallel()
	for _, e := range []struct {
		flags []string
		want  string // the status of the second client
	}{
		{[]string{"--trusted-proxy", "127.0.0.1", "--trusted-proxy", "::1"}, "200"},
		{nil, "429"},
	} {
		s := partline.Start(t, binary, append(e.flags, "--connections-per-address", "1")...)
		open := func(client string) string {
			token := negotiated(t, s)
			return answered(t.Context(), t, s, http.MethodGet, "?id="+token, "", "X-Forwarded-For", client)
		}
		if got := open("203.0.113.7"); !strings.HasPrefix(got, "200") {
			t.Errorf("%q: the first client: %s", e.flags, got)
		}
		if got := open("203.0.113.8"); !strings.HasPrefix(got, e.want) {
			t.Errorf("%q: the second client: %s, not %s", e.flags, got, e.want)
		}
		if got := open("1.2.3.4, 203.0.113.7"); !strings.HasPrefix(got, "429") {
			t.Errorf("%q: the first client with a lie before it: %s", e.flags, got)
		}
	}
}
