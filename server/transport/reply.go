package transport

import (
	"net/http"
	"sync"
	"time"
)

// reply is a response that is written piece by piece, each of which the client
// must read within a time of its own: the times of the HTTP server are those of
// a file, not of a reply that takes hours.
type reply struct {
	host *Host
	w    http.ResponseWriter
	r    *http.Request

	mu   sync.Mutex // Protects following.
	over bool       // its deadline is not ours to set any more
}

// newReply takes the response over from the HTTP server.
func newReply(host *Host, w http.ResponseWriter, r *http.Request) *reply {
	p := &reply{host: host, w: w, r: r}
	// Reading goes on meanwhile, to notice when the client is gone. Not every
	// ResponseWriter has deadlines.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	p.deadline(0)
	return p
}

// deadline gives the client wait for the next write; zero: no limit.
func (p *reply) deadline(wait time.Duration) {
	var until time.Time
	if wait != 0 {
		until = time.Now().Add(wait)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.setDeadline(until)
}

// setDeadline is for who holds the mutex.
func (p *reply) setDeadline(until time.Time) {
	if !p.over {
		_ = http.NewResponseController(p.w).SetWriteDeadline(until)
	}
}

// write writes bytes, at most maxWrite at once.
func (p *reply) write(b []byte) error {
	for len(b) > 0 {
		p.deadline(p.host.options.SendTimeout)
		n, err := p.w.Write(b[:min(len(b), maxWrite)])
		p.host.stats.bytesOut.Add(int64(n))
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// flush sends what was written. Between two flushes time does not count: over
// HTTP/2 a deadline would end the reply also while nothing is written.
func (p *reply) flush() error {
	p.deadline(p.host.options.SendTimeout)
	defer p.deadline(0)
	return http.NewResponseController(p.w).Flush()
}

// abort ends the response where it is: what is being written fails, and so does
// its end. It may be called from any goroutine.
func (p *reply) abort() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.setDeadline(time.Now().Add(-1))
	p.over = true
}

// end gives the response back to the HTTP server, with the server's own time for
// what it still has to write. It must be called before the handler returns.
func (p *reply) end() {
	var until time.Time
	if server, ok := p.r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.WriteTimeout > 0 {
		until = time.Now().Add(server.WriteTimeout)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.setDeadline(until)
	p.over = true
}
