package partline

import (
	"context"
	"io"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"
)

// metricsGuard is how long a server that is about to end may take to tell its
// metrics, if it can: it may be busy, or not itself any more.
const metricsGuard = 2 * time.Second

// Output is all that a server has written, and its metrics before each of its ends
// but those of a frozen one.
type Output struct{ Test, Text string }

// Said is the output of every server that this process has started, in the order of
// their starts. It may be called from any goroutine.
func Said() iter.Seq[Output] {
	all.mu.Lock()
	servers := slices.Clone(all.servers)
	all.mu.Unlock()
	return func(yield func(Output) bool) {
		for _, s := range servers {
			if !yield(Output{s.t.Name(), s.log.String() + s.metrics.String()}) {
				return
			}
		}
	}
}

// all are the servers of this process.
var all struct {
	mu      sync.Mutex // protects following
	servers []*Server
}

func (s *Server) remember() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.servers = append(all.servers, s)
}

// keepMetrics keeps what the metrics are now, if the server tells.
func (s *Server) keepMetrics() {
	if s.frozen {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), metricsGuard)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.MetricsURL+"/metrics", nil)
	if err != nil {
		return
	}
	r, err := once.Do(request)
	if err != nil {
		return
	}
	defer r.Body.Close()
	_, _ = io.Copy(&s.metrics, r.Body) // what came is enough
}
