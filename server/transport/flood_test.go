package transport_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/transport"
)

// flood sends one negotiation, without a network, and returns the status.
func (s *server) flood(body string, headers ...string) int {
	r := httptest.NewRequest("POST", "/talk/negotiate?negotiateVersion=1", strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w.Code
}

// What strangers negotiate, with all that a body may name and each as somebody
// else, and never open.
func TestHostile_negotiateFlood(t *testing.T) {
	const limit = 4096
	synctest.Test(t, func(t *testing.T) {
		n := 0
		s := serveInMemory(t, &transport.Options{
			Authority: &gate{}, PendingLimit: limit,
			ClientAddress: func(*http.Request) string { return fmt.Sprint("192.0.2.", n%100) },
		})
		body := func() string {
			n++
			return fmt.Sprintf(`{"key":"tenant-%d","name":"%0255d","where":{"scope":"page","page":"%s","session":"%s","place":"%0255d"}}`, n%7, n, pageA, pageB, n)
		}
		s.flood(body(), inJSON)
		before := heap()
		statuses := map[int]int{}
		for range 5 * limit {
			statuses[s.flood(body(), inJSON)]++
		}
		each := (heap() - before) / limit
		t.Logf("a negotiation with names and places of 255 bytes costs %d bytes; statuses %v", each, statuses)
		if each > negotiationBudget {
			t.Errorf("a negotiation costs %d bytes, more than %d", each, negotiationBudget)
		}
		if statuses[200] != limit-1 || statuses[200]+statuses[429]+statuses[503] != 5*limit {
			t.Errorf("statuses %v, want %d of 200", statuses, limit-1)
		}
		time.Sleep(2 * time.Minute)
		if kept := heap() - before; s.host.Stats().Pending != 0 || kept > keptBudget {
			t.Errorf("%d negotiations and %d bytes are kept of what expired", s.host.Stats().Pending, kept)
		}
	})
}

// The same by one user, as when a page reloads again and again.
func TestAbandoned_negotiationsOfAUser(t *testing.T) {
	for name, body := range map[string]string{
		"unmodified":     "",
		"with a page":    `{"where":{"scope":"page","page":"` + pageA + `"}}`,
		"with all there": `{"where":{"scope":"page","page":"` + pageA + `","session":"` + pageB + `","place":"hall"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serveInMemory(t, &transport.Options{Authority: &gate{}, ClientAddress: addresses()})
				headers := append(asUser("ann contoso"), inJSON)
				s.flood(body, headers...)
				before := heap()
				for range abandonedNegotiations {
					if status := s.flood(body, headers...); status != 200 {
						t.Fatalf("status %d", status)
					}
				}
				each := (heap() - before) / abandonedNegotiations
				t.Logf("an abandoned negotiation of a user, %s, costs %d bytes", name, each)
				if each > negotiationBudget/2 {
					t.Errorf("it costs %d bytes, more than %d", each, negotiationBudget/2)
				}
			})
		})
	}
}

// Who tries tickets may do so at the rate of negotiations, however it brings them:
// after that nobody is asked any more.
func TestHostile_ticketFlood(t *testing.T) {
	const burst = 100
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		s := serveInMemory(t, &transport.Options{Authority: g, NegotiateRate: 1, NegotiateBurst: burst})
		before := heap()
		statuses := map[int]int{}
		for i := range 20 * burst {
			bearer := fmt.Sprint("Authorization: Bearer forged ", i)
			switch i % 3 {
			case 0:
				statuses[s.flood("", bearer)]++
			case 1:
				statuses[s.flood(`{}`, inJSON, bearer)]++
			default:
				r := httptest.NewRequest("GET", fmt.Sprint("/talk?access_token=forged+", i), nil)
				for _, h := range upgradeHeaders {
					name, value, _ := strings.Cut(h, ": ")
					r.Header.Set(name, value)
				}
				w := httptest.NewRecorder()
				s.mux.ServeHTTP(w, r)
				statuses[w.Code]++
			}
		}
		if asked := g.count(); asked > burst || statuses[401] != asked || statuses[401]+statuses[429] != 20*burst {
			t.Errorf("the authority was asked %d times; statuses %v", asked, statuses)
		}
		if kept := heap() - before; kept > keptBudget || s.host.Stats().Pending != 0 {
			t.Errorf("%d bytes and %d negotiations are kept", kept, s.host.Stats().Pending)
		}
		// Another address is not held up, and this one may go on at the rate.
		time.Sleep(time.Second)
		if status := s.flood(""); status != 200 {
			t.Errorf("a second later: status %d", status)
		}
	})
}

// Who comes in without a negotiation is bounded as a connection, and not by the
// rate: all clients of a network come back at once after a restart.
func TestWebSocket_withoutNegotiationIsNoNegotiation(t *testing.T) {
	s := serve(t, &transport.Options{Authority: &gate{}, NegotiateRate: 1, NegotiateBurst: 2})
	for range 5 {
		connectRaw(t, s.addr, "/talk")
	}
	q := s.requester("/talk")
	wrong := append([]string{"Authorization: Bearer forged"}, upgradeHeaders...)
	for _, want := range []int{401, 401, 429} {
		if res := q.do(t.Context(), "GET", "", "", wrong...); res.status != want {
			t.Errorf("%v, want %d", res, want)
		}
	}
}

// A body that comes drop by drop is given up after 15 s, and answered when the HTTP
// server has waited as long again for the rest.
func TestHostile_negotiateBodyOverASlowLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		s := serveInMemory(t, &transport.Options{Authority: g})
		c := dialOver(t, s.dial())
		_ = c.conn.SetDeadline(time.Now().Add(time.Hour)) // of the bubble
		begun := time.Now()
		c.write([]byte("POST /talk/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: memory\r\n" + inJSON + "\r\nContent-Length: 16000\r\n\r\n{"))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for err := error(nil); err == nil; time.Sleep(time.Second) {
				_, err = c.conn.Write([]byte(" "))
			}
		}()
		status, header := c.response()
		if waited := time.Since(begun); status != 408 || header.Get("Content-Type") != "application/json" || waited > 31*time.Second {
			t.Errorf("after %v: status %d, %v", waited, status, header)
		}
		_ = c.conn.Close()
		<-ended
		if g.count() != 0 {
			t.Error("the authority was asked")
		}
	})
}
