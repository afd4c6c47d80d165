package client_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// over is a client of a hub that offers one transport.
func over(t *testing.T, transport client.Transport, o *client.Options) (*fakeHub, *client.Client, *states) {
	hub := newFakeHub(t)
	hub.offers = transport
	c := hub.newClient(o)
	return hub, c, watch(t, c)
}

// failure is why the next connection is not made or does not hold.
func (s *states) failure(t *testing.T) error {
	t.Helper()
	for {
		select {
		case now := <-s.heard:
			if !now.RetryAt.IsZero() {
				return now.Err
			}
		case <-time.After(guard):
			t.Fatal("nothing fails")
		}
	}
}

// TestLongPolling_nothingIsPinged although the hub is silent for long.
func TestLongPolling_nothingIsPinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, s := over(t, client.LongPolling, nil)
		run(t, c)
		conn := hub.accept()
		s.await(t, client.Connected)
		for range 5 {
			pass(90 * time.Second)
			conn.send("") // a poll that ends with nothing
		}
		synctest.Wait()
		if len(conn.toHub) != 0 || c.State().Phase != client.Connected {
			t.Errorf("%d messages were sent; %+v", len(conn.toHub), c.State())
		}
	})
}

func TestLongPolling_pollThatIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, s := over(t, client.LongPolling, nil)
		run(t, c)
		conn := hub.accept()
		conn.send("")
		begun := time.Now()
		err := s.failure(t)
		// The pause after a poll without anything comes before it.
		if took := time.Since(begun); !errors.Is(err, client.ErrNoAnswer) || took != 101*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// TestLongPolling_emptyAnswers must not make a tight loop of polls.
func TestLongPolling_emptyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, _ := over(t, client.LongPolling, nil)
		run(t, c)
		conn := hub.accept()
		begun := time.Now()
		for range 10 {
			conn.send("")
		}
		if took := time.Since(begun); took < 9*time.Second {
			t.Errorf("10 polls took %v", took)
		}
		for range 10 { // but one that brings something is followed at once
			conn.sendEvent("a", "b")
		}
		if took := time.Since(begun); took > 11*time.Second {
			t.Errorf("all took %v", took)
		}
	})
}

// TestLongPolling_tellsTheHub when it gives a connection up.
func TestLongPolling_tellsTheHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, s := over(t, client.LongPolling, nil)
		run(t, c)
		conn := hub.accept()
		conn.send("garbage\x1e")
		if err := s.failure(t); !says(err, "broke the protocol") || !conn.isClosed() {
			t.Errorf("%v; the hub was told: %v", err, conn.isClosed())
		}
		// A hub that has gone is not told.
		conn = hub.accept()
		conn.end(errors.New("gone"))
		if err := s.failure(t); !says(err, "gone") || conn.isClosed() {
			t.Errorf("%v; the hub was told: %v", err, conn.isClosed())
		}
	})
}

// TestLongPolling_waitsUntilTheHubIsTold but not for ever.
func TestLongPolling_waitsUntilTheHubIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, c, s := over(t, client.LongPolling, nil)
		told := make(chan time.Time, 1)
		hub.answer = func(r *client.Request) (*client.Response, error) {
			if r.Method() == "DELETE" {
				told <- time.Now()
				pass(3 * time.Second)
			}
			return nil, nil
		}
		run(t, c)
		conn := hub.accept()
		s.await(t, client.Connected)
		begun := time.Now()
		c.Close() // this hub does not end the connection when it is told to in band
		if after := (<-told).Sub(begun); after != 5*time.Second {
			t.Errorf("the hub was told after %v", after)
		}
		if took := time.Since(begun); took != 8*time.Second || !conn.isClosed() {
			t.Errorf("Close took %v", took)
		}
		conn.nextOf(wire.Close)
	})
}

// TestRequests_endedByTheHub is the end that each transport has.
func TestRequests_endedByTheHub(t *testing.T) {
	for _, transport := range each[1:] {
		synctest.Test(t, func(t *testing.T) {
			hub, c, s := over(t, transport, nil)
			run(t, c)
			conn := hub.accept()
			s.await(t, client.Connected)
			conn.end(io.EOF)
			if err := s.failure(t); !says(err, "closed by the hub") {
				t.Errorf("%v: %v", transport, err)
			}
			hub.accept()
		})
	}
}

// TestRequests_wrongAnswers are those of hubs and of what is taken for one.
func TestRequests_wrongAnswers(t *testing.T) {
	for _, c := range []struct {
		name      string
		transport client.Transport
		method    string
		first     bool // to the request that opens, or to one after it
		answer    func() *client.Response
		says      string
	}{
		{"events: not found", client.ServerSentEvents, "GET", true, func() *client.Response { return client.NewResponse(404, "text/plain", "No Connection with that ID") }, "no server-sent events from the hub: the hub refuses it (404): No Connection"},
		{"events: a page", client.ServerSentEvents, "GET", true, func() *client.Response { return client.NewResponse(200, "text/html; charset=utf-8", "<html>") }, `"text/html", not "text/event-stream"`},
		{"events: nothing to say", client.ServerSentEvents, "GET", true, func() *client.Response { return client.NewResponse(204, "", "") }, "(204)"},
		{"events: an end at once", client.ServerSentEvents, "GET", true, func() *client.Response { return client.NewResponse(200, "text/event-stream", ":\r\n") }, "no handshake with the hub: the connection was closed"},
		{"events: endless lines", client.ServerSentEvents, "GET", true, func() *client.Response {
			return client.NewStream(200, "text/event-stream", endless("data: xxxxxxxxxxxxxxxxxxxxxxxxxxxx"))
		}, "too large"},
		{"events: a post that is not taken", client.ServerSentEvents, "POST", false, func() *client.Response { return client.NewResponse(404, "text/plain", "No Connection") }, "broke: the hub refuses it (404): No Connection"},
		{"polling: not found", client.LongPolling, "GET", true, func() *client.Response { return client.NewResponse(404, "", "") }, "no long polling with the hub: the hub refuses it (404)"},
		{"polling: over at once", client.LongPolling, "GET", true, func() *client.Response { return client.NewResponse(204, "", "") }, "(204)"},
		{"polling: an error", client.LongPolling, "GET", false, func() *client.Response { return client.NewResponse(500, "text/html", "<html>") }, "the hub refuses it (500)"},
		{"polling: an endless first answer", client.LongPolling, "GET", true, func() *client.Response { return client.NewStream(200, "", endless(" ")) }, ""},
		{"polling: an endless answer", client.LongPolling, "GET", false, func() *client.Response { return client.NewStream(200, "", endless("x")) }, "too large"},
		{"polling: a post that is not taken", client.LongPolling, "POST", false, func() *client.Response { return client.NewResponse(413, "", "") }, "the hub refuses it (413)"},
		{"polling: an endless refusal", client.LongPolling, "POST", false, func() *client.Response { return client.NewStream(400, "text/plain", endless("x")) }, "the hub refuses it (400)"},
		{"polling: an endless consent", client.LongPolling, "POST", false, func() *client.Response { return client.NewStream(200, "text/plain", endless("x")) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := client.Options{ReceiveLimit: 10_000}
				logs(&o)
				hub, cl, s := over(t, c.transport, &o)
				var seen, wrong atomic.Int32
				hub.answer = func(r *client.Request) (*client.Response, error) {
					if r.Method() != c.method || wrong.Load() > 0 {
						return nil, nil
					}
					if n := seen.Add(1); c.first != (n == 1) {
						return nil, nil
					}
					wrong.Add(1)
					if c.method == "GET" && c.first {
						_, _ = hub.exchange(t.Context(), r) // there is a connection all the same
					}
					return c.answer(), nil
				}
				run(t, cl)
				if c.method == "POST" || c.says == "" {
					s.await(t, client.Connected)
					_ = client.Send(t.Context(), cl, connected.SendMethod, connected.Send{})
				}
				if c.says == "" {
					synctest.Wait()
					if wrong.Load() != 1 || cl.State().Phase != client.Connected {
						t.Errorf("%d wrong answers; %+v", wrong.Load(), cl.State())
					}
					return
				}
				if err := s.failure(t); !says(err, c.says) || says(err, "token1") {
					t.Errorf("%v", err)
				}
				s.await(t, client.Connected) // none of this is for ever
			})
		})
	}
}

// endlessBody says the same again and again.
type endlessBody string

func endless(text string) io.ReadCloser { return endlessBody(strings.Repeat(text, 100)) }

func (b endlessBody) Read(p []byte) (int, error) { return copy(p, b), nil }
func (endlessBody) Close() error                 { return nil }

func TestRequests_order(t *testing.T) {
	for _, transport := range each[1:] {
		synctest.Test(t, func(t *testing.T) {
			hub, c, s := over(t, transport, nil)
			run(t, c)
			conn := hub.accept()
			s.await(t, client.Connected)
			var under, most atomic.Int32
			hub.mu.Lock()
			hub.answer = func(r *client.Request) (*client.Response, error) {
				if r.Method() == "POST" {
					most.Store(max(most.Load(), under.Add(1)))
					pass(time.Duration(1000-len(r.Body())%1000) * time.Millisecond) // the longer, the sooner
					under.Add(-1)
					if len(r.Body()) > 64<<10 {
						t.Errorf("a request of %d bytes", len(r.Body()))
					}
				}
				return nil, nil
			}
			hub.mu.Unlock()
			for i := range 100 {
				message := connected.Send{Name: strings.Repeat("x", i), Message: strings.Repeat("y", i%10*2000)}
				if err := client.Send(t.Context(), c, connected.SendMethod, message); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 100 {
				if m := conn.nextOf(wire.Invocation); strings.Count(string(m.Arguments), "x") != i {
					t.Fatalf("%v: message %d is %.200s", transport, i, m.Arguments)
				}
			}
			if most.Load() != 1 {
				t.Errorf("%v: %d requests at once", transport, most.Load())
			}
			conn.end(io.EOF)
		})
	}
}

// TestRequests_tokenThatHasRunOut is asked for once more.
func TestRequests_tokenThatHasRunOut(t *testing.T) {
	for _, transport := range each[1:] {
		synctest.Test(t, func(t *testing.T) {
			asked, good := 0, "token A"
			hub, c, s := over(t, transport, &client.Options{Token: func(context.Context) (string, error) {
				asked++
				return "token " + string(rune('A'+asked-1)), nil
			}})
			var wrong []string
			hub.answer = func(r *client.Request) (*client.Response, error) {
				hub.mu.Lock()
				defer hub.mu.Unlock()
				if r.Token() != good {
					wrong = append(wrong, r.Method()+" "+r.Token())
					return client.NewResponse(401, "", ""), nil
				}
				return nil, nil
			}
			run(t, c)
			conn := hub.accept()
			s.await(t, client.Connected)
			synctest.Wait()
			use := func(token string) {
				hub.mu.Lock()
				good = token
				hub.mu.Unlock()
			}
			use("token B")
			if err := client.Send(t.Context(), c, connected.SendMethod, connected.Send{}); err != nil {
				t.Error(err)
			}
			conn.nextOf(wire.Invocation)
			if c.State().Phase != client.Connected {
				t.Errorf("%+v", c.State())
			}
			if len(wrong) != 1 || wrong[0] != "POST token A" || asked != 2 {
				t.Errorf("%v: refused %q, asked %d times", transport, wrong, asked)
			}
			use("token X") // no token helps: it is asked for once, not again and again
			_ = client.Send(t.Context(), c, connected.SendMethod, connected.Send{})
			if err := s.failure(t); !says(err, "(401)") || len(wrong) != 3 {
				t.Errorf("%v: %v; refused %q", transport, err, wrong)
			}
		})
	}
}
