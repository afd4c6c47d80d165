package transport_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/transport"
)

// What people may leave behind, and what each of it may cost.
const (
	abandonedNegotiations = 10_000
	negotiationBudget     = 1 << 10
	abandonedPolls        = 1_000
	pollBudget            = 4 << 10

	// keptBudget is what may be left of everything together: maps keep the space
	// of what was deleted, and the runtime what it knew of goroutines.
	keptBudget = 1 << 20
)

// ask makes a request without a network, so that nothing but the host's own
// memory is measured.
func (s *server) ask(method, rest, body string) string {
	s.t.Helper()
	r := httptest.NewRequest(method, "/talk"+rest, strings.NewReader(body))
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s %s: status %d, %s", method, rest, w.Code, w.Body)
	}
	return w.Body.String()
}

// heap is how much is in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // once more for what pools keep
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// addresses is the address of another client each time.
func addresses() func(*http.Request) string {
	n := 0
	return func(*http.Request) string {
		n++
		return fmt.Sprint("192.0.2.", n/100) // a hundred connections of each
	}
}

func TestAbandoned_negotiations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, &transport.Options{ClientAddress: addresses()})
		s.ask("POST", "/negotiate?negotiateVersion=1", "")
		before := heap()
		for range abandonedNegotiations {
			s.ask("POST", "/negotiate?negotiateVersion=1", "")
		}
		each := (heap() - before) / abandonedNegotiations
		t.Logf("an abandoned negotiation costs %d bytes", each)
		if each > negotiationBudget {
			t.Errorf("an abandoned negotiation costs %d bytes, more than %d", each, negotiationBudget)
		}
		time.Sleep(2 * time.Minute)
		if got := s.host.Stats().Pending; got != 0 {
			t.Errorf("%d negotiations are kept", got)
		}
		kept := heap() - before
		t.Logf("%d bytes are left of them", kept)
		if kept > keptBudget {
			t.Errorf("%d bytes are kept of what expired", kept)
		}
		if s.host.Wheel().Running() {
			t.Error("the timer wheel still runs")
		}
	})
}

func TestAbandoned_polls(t *testing.T) {
	for name, handshake := range map[string]bool{"before the handshake": false, "after the handshake": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serveInMemory(t, &transport.Options{ClientAddress: addresses()})
				abandon := func() {
					id := "?id=" + tokenOf(s.ask("POST", "/negotiate?negotiateVersion=1", ""))
					s.ask("GET", id, "")
					if handshake {
						s.ask("POST", id, handshakeJSON)
						s.ask("GET", id, "")
					}
				}
				abandon()
				before := heap()
				for range abandonedPolls {
					abandon()
				}
				each := (heap() - before) / abandonedPolls
				t.Logf("an abandoned long poll costs %d bytes", each)
				if each > pollBudget {
					t.Errorf("an abandoned long poll costs %d bytes, more than %d", each, pollBudget)
				}
				if got := s.host.Stats().Links; got != abandonedPolls+1 {
					t.Errorf("%d links are open", got)
				}
				time.Sleep(2 * time.Minute)
				if got := s.host.Stats(); got.Links != 0 || got.Handshaking != 0 {
					t.Errorf("%d links and %d handshakes are kept", got.Links, got.Handshaking)
				}
				if got := s.core.Stats().Connections; got != 0 {
					t.Errorf("%d connections are kept", got)
				}
				for len(s.gone) > 0 {
					<-s.gone
				}
				kept := heap() - before
				t.Logf("%d bytes are left of them", kept)
				if kept > keptBudget {
					t.Errorf("%d bytes are kept of what is gone", kept)
				}
			})
		})
	}
}
