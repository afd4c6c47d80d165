package testserver

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"partline.dev/server/hub"
	"partline.dev/shared/testhub"
)

// lives are what has happened to connections, by their ids.
type lives struct {
	mu      sync.Mutex // protects following
	of      map[string][]string
	changed chan struct{} // closed, and another, with each change
}

func newLives() *lives {
	return &lives{of: map[string][]string{}, changed: make(chan struct{})}
}

func (l *lives) add(id, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of[id] = append(l.of[id], what)
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *lives) soFar(id string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.of[id])
}

// serve tells what has happened to a connection, once it is as much as is asked
// for: ?id=ID&count=N.
func (l *lives) serve(w http.ResponseWriter, r *http.Request) {
	count, _ := strconv.Atoi(r.URL.Query().Get("count")) // none: what there is
	id := r.URL.Query().Get("id")
	for {
		l.mu.Lock()
		so, changed := slices.Clone(l.of[id]), l.changed
		l.mu.Unlock()
		if len(so) >= count {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(so) // a client that is gone needs none
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

// serveSay sends a message to a group of the hub test, from outside: ?group=NAME&text=TEXT.
// Without a group everybody hears it.
func serveSay(test *hub.Mux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		target := test.All()
		if group := r.URL.Query().Get("group"); group != "" {
			target = test.Group(group)
		}
		if err := hub.Publish(r.Context(), target, testhub.MessageEvent, testhub.Text{Text: r.URL.Query().Get("text")}); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.WriteHeader(http.StatusNoContent)
	}
}
