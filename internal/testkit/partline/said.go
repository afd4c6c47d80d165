package partline

import (
	"context"
	"io"
	"iter"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// metricsGuard is how long a server that is about to end may take to tell its
// metrics, if it can: it may be busy, or not itself any more.
const metricsGuard = 2 * time.Second

// Output is all that a program has written; of a server also its metrics before each
// of its ends, but those of a frozen one.
type Output struct{ Test, Text string }

// Keep has [Said] tell also what a program that is no [Server] has written: text. It
// may be called from any goroutine, and text then is.
func Keep(t testing.TB, text func() string) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.programs = append(all.programs, program{t.Name(), text})
}

// Said is the output of every server that this process has started, and of what it
// keeps beside, in the order of their starts. It may be called from any goroutine.
func Said() iter.Seq[Output] {
	all.mu.Lock()
	programs := slices.Clone(all.programs)
	all.mu.Unlock()
	return func(yield func(Output) bool) {
		for _, p := range programs {
			if !yield(Output{p.test, p.text()}) {
				return
			}
		}
	}
}

// all are the programs of this process.
var all struct {
	mu       sync.Mutex // protects following
	programs []program
}

// program is one that a test has started.
type program struct {
	test string
	text func() string // what it has written so far
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
