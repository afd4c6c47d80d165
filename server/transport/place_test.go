package transport_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/transport"
)

// enter asks host for a place and tells the status if there is none.
func enter(t *testing.T, host *transport.Host, address string, o transport.Entry) (*transport.Place, int) {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = address + ":1234"
	w := httptest.NewRecorder()
	if o.Cut == nil {
		o.Cut = func() {}
	}
	p, ok := host.Enter(w, r, o)
	if ok != (p != nil) || ok && w.Body.Len() > 0 {
		t.Errorf("place %v (%v), answered %q", p, ok, w.Body)
	}
	if ok {
		return p, 0
	}
	return nil, w.Code
}

func TestEnter_limits(t *testing.T) {
	host := transport.NewHost(&transport.Options{ConnectionLimit: 3, ConnectionsPerAddress: 2})
	one := transport.Entry{Transport: front.LongPolling}
	var places []*transport.Place
	for _, c := range []struct {
		address string
		status  int
	}{{"192.0.2.1", 0}, {"192.0.2.1", 0}, {"192.0.2.1", http.StatusTooManyRequests}, {"192.0.2.2", 0}, {"192.0.2.3", http.StatusServiceUnavailable}} {
		p, status := enter(t, host, c.address, one)
		if status != c.status {
			t.Errorf("%s: status %d, want %d", c.address, status, c.status)
		}
		if p != nil {
			places = append(places, p)
		}
	}
	if got := host.Stats(); got.Links != 3 || got.Refused != 2 {
		t.Errorf("counted %+v", got)
	}
	places[0].Leave(0, false, nil)
	places[0].Leave(0, false, nil) // means nothing
	if p, status := enter(t, host, "192.0.2.1", one); p == nil {
		t.Errorf("a place that is free again: status %d", status)
	} else {
		places = append(places, p)
	}
	for _, p := range places {
		p.Leave(0, false, nil)
	}
	if got := host.Stats(); got.Links != 0 || got.Closes["normal"] != 4 {
		t.Errorf("counted %+v", got)
	}
	if err := host.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPlace_change(t *testing.T) {
	var ended []transport.Ended
	host := transport.NewHost(&transport.Options{Ended: func(e transport.Ended) { ended = append(ended, e) }})
	p, _ := enter(t, host, "192.0.2.1", transport.Entry{Name: "/signalr", Transport: front.WebSockets})
	p.Change(front.LongPolling)
	p.Change(front.LongPolling)
	if open := host.Stats().Open; open[front.WebSockets] != 0 || open[front.LongPolling] != 1 {
		t.Errorf("open: %v", open)
	}
	p.Leave(0, true, errors.New("it was gone"))
	p.Change(front.WebSockets) // too late
	if got := host.Stats(); got.Links != 0 || got.Closes["lost"] != 1 {
		t.Errorf("counted %+v", got)
	}
	if len(ended) != 1 || ended[0].Hub != "/signalr" || ended[0].Transport != front.LongPolling || ended[0].Status != transport.EndTimeout {
		t.Errorf("ended: %+v", ended)
	}
	if err := host.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEnter_shutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := transport.NewHost(nil)
		var polite, stubborn *transport.Place
		polite, _ = enter(t, host, "192.0.2.1", transport.Entry{Transport: front.WebSockets, Cut: func() { go polite.Leave(1001, false, nil) }})
		cut := make(chan time.Time, 1)
		stubborn, _ = enter(t, host, "192.0.2.1", transport.Entry{Transport: front.WebSockets, Cut: func() { cut <- time.Now() }})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		if err := host.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		if at := (<-cut).Sub(begun); at != 0 {
			t.Errorf("cut after %v", at)
		}
		if took := time.Since(begun); took != 20*time.Second {
			t.Errorf("Shutdown took %v, want the context's time and Options.CloseTimeout twice", took)
		}
		if _, status := enter(t, host, "192.0.2.1", transport.Entry{Transport: front.WebSockets}); status != http.StatusServiceUnavailable {
			t.Errorf("a host that has stopped: status %d", status)
		}
		stubborn.Leave(1001, false, nil)
		if got := host.Stats(); got.Links != 0 || got.Closes["going away"] != 2 {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestShutdown_cutsSocketsThatDoNotFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveInMemory(t, nil)
		d := newDoor(s.server)
		c := upgradeRaw(t, s.dial(), "memory", "/door/socket")
		d.awaitClients(t, 1)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		begun := time.Now()
		if err := s.host.Shutdown(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown: %v", err)
		}
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("Shutdown took %v, want Options.CloseTimeout", took)
		}
		s.settle()
		_ = c.conn.Close()
	})
}
