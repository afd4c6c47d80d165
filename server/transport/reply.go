package transport

import (
	"net/http"
	"sync"
	"time"
)

// Reply is a response that is written piece by piece, each of which the client
// must read within [Options.SendTimeout]: the times of the HTTP server are those
// of a file, not of a reply that takes hours. One goroutine writes, that of the
// request; Abort may be called from any.
type Reply struct {
	host *Host
	w    http.ResponseWriter
	r    *http.Request

	mu   sync.Mutex // Protects following.
	over bool       // its deadline is not ours to set any more
}

// NewReply takes the response to r over from the HTTP server. The client may take
// as long as it likes until the first byte. End must be called before the handler
// returns.
func (h *Host) NewReply(w http.ResponseWriter, r *http.Request) *Reply {
	p := &Reply{host: h, w: w, r: r}
	// Reading goes on meanwhile, to notice when the client is gone. Not every
	// ResponseWriter has deadlines.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	p.deadline(0)
	return p
}

// deadline gives the client wait for the next write; zero: no limit.
func (p *Reply) deadline(wait time.Duration) {
	var until time.Time
	if wait != 0 {
		until = time.Now().Add(wait)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.setDeadline(until)
}

// setDeadline is for who holds the mutex.
func (p *Reply) setDeadline(until time.Time) {
	if !p.over {
		_ = http.NewResponseController(p.w).SetWriteDeadline(until)
	}
}

// Write writes bytes, 64 KiB at most at once.
func (p *Reply) Write(b []byte) error {
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

// Flush sends what was written. Between two flushes time does not count: over
// HTTP/2 a deadline would end the reply also while nothing is written.
func (p *Reply) Flush() error {
	p.deadline(p.host.options.SendTimeout)
	defer p.deadline(0)
	return http.NewResponseController(p.w).Flush()
}

// Abort ends the response where it is: what is being written fails, and so does
// its end. It may be called from any goroutine.
func (p *Reply) Abort() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.setDeadline(time.Now().Add(-1))
	p.over = true
}

// End gives the response back to the HTTP server, with the server's own time for
// what it still has to write.
func (p *Reply) End() {
	var until time.Time
	if server, ok := p.r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.WriteTimeout > 0 {
		until = time.Now().Add(server.WriteTimeout)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.setDeadline(until)
	p.over = true
}
