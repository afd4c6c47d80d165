package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

const (
	// leaveTimeout is how long a link may take to send what is queued and to
	// be closed by the hub, after the client has said that it leaves.
	leaveTimeout = 5 * time.Second

	// lingerTimeout is how long a link is still read that the hub is closing,
	// or that can no longer be written: what the hub said last may be on it.
	lingerTimeout = time.Second
)

// session is a connection from handshake to end. While it has a link there is
// one goroutine that reads it, one that writes it, and one that looks at the
// clock. A connection that can be resumed may have several links, one after the
// other.
type session struct {
	c         *Client
	transport Transport
	bearer    *bearer
	said      *access.Access                      // of the negotiation; nil: nothing
	asked     int                                 // the number of the wish with which it was negotiated
	wish      int                                 // that of the one which the hub knows now; the standing's turn protects it
	lasting   chan struct{}                       // holds a value when until is another
	reopen    func(context.Context) (link, error) // nil: the connection is lost with its link
	out       *outbox
	sequence  sequence

	over   context.Context // ends with the session
	finish context.CancelFunc

	link     link
	work     sync.WaitGroup
	received []byte // of messages that are not whole yet; the reader's
	chunk    []byte // what the reader reads into

	begun   time.Time    // when the link was there
	heardAt atomic.Int64 // when the hub last said something, in ns since begun
	sentAt  atomic.Int64 // when something was last written, in ns since begun
	stuck   atomic.Bool  // the reader waits for handlers or for who reads a stream

	quit     chan struct{} // closed when nothing is wanted from the link any more
	readEnd  chan struct{} // closed when the reader has ended
	writeEnd chan error    // holds why the writer could not go on
	written  chan struct{} // closed when the writer has ended
	goodbye  chan struct{} // closed when the hub has closed the connection
	news     chan struct{} // holds a value when there is something to acknowledge soon

	mu      sync.Mutex // protects following
	until   time.Time  // when the hub ends the connection, unless it is refreshed; zero: never
	calls   map[string]*call
	streams map[string]*opened
	queries map[string]context.CancelFunc // that the hub waits for
	ended   bool                          // nothing can begin any more
	err     error                         // why the link ended: the first reason that was found
	leaving bool                          // quit is closed

	sentAway bool // the hub does not want to see the client again; read after wait
}

func newSession(c *Client, l link, t Transport, a *agreement) *session {
	s := &session{
		c: c, transport: t, bearer: a.bearer, said: a.said, asked: a.wish, wish: a.wish, lasting: make(chan struct{}, 1), out: newOutbox(c.options.QueueLimit), chunk: make([]byte, 16<<10),
		calls: map[string]*call{}, streams: map[string]*opened{}, queries: map[string]context.CancelFunc{},
	}
	s.over, s.finish = context.WithCancel(context.Background())
	s.attach(l)
	return s
}

// attach makes l the link. None is at work.
func (s *session) attach(l link) {
	s.link, s.received, s.begun = l, nil, time.Now()
	s.heardAt.Store(0)
	s.sentAt.Store(0)
	s.quit, s.readEnd, s.goodbye = make(chan struct{}), make(chan struct{}), make(chan struct{})
	s.writeEnd, s.written, s.news = make(chan error, 1), make(chan struct{}), make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.leaving = nil, false
}

// start begins the work on the link. When ctx ends, the session takes leave.
func (s *session) start(ctx context.Context) {
	if s.pings() {
		s.ping() // hubs watch only those who have pinged
	}
	s.work.Go(func() { s.endWith(s.read()) })
	s.work.Go(s.write)
	s.work.Go(func() { s.keep(ctx) })
}

// wait waits for the end of the link, and says why it came.
func (s *session) wait() error {
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// end ends all that waits for the hub, and lets nothing new begin.
func (s *session) end() {
	s.out.end(nil)
	s.endCalls()
	s.finish()
}

// lostError is the loss of a link, for which nobody at either end has asked.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// endWith ends what the reader's end ends. If there was no reason before, err
// is why.
func (s *session) endWith(err error) {
	s.giveUp(err)
	s.out.pause()
	close(s.readEnd)
}

// giveUp closes the link. If there was no reason before, err is why.
func (s *session) giveUp(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.leave()
	s.mu.Unlock()
	s.link.Close()
}

// leave closes quit. The caller holds mu.
func (s *session) leave() {
	if !s.leaving {
		s.leaving = true
		close(s.quit)
	}
}

// write is the session's writer.
func (s *session) write() {
	defer close(s.written)
	var spent []byte
	for {
		p := s.out.take(spent)
		if p == nil {
			return
		}
		if err := s.link.Write(p); err != nil {
			s.writeEnd <- &lostError{fmt.Errorf("the connection to the hub broke: %w", err)}
			return
		}
		s.sentAt.Store(int64(time.Since(s.begun)))
		if spent = p; cap(spent) > 64<<10 {
			spent = nil
		}
	}
}

// queue queues a message, gives its number, and waits for room if need be.
func (s *session) queue(ctx context.Context, frame []byte) (number int64, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		number, room, err := s.out.put(frame)
		if room == nil || err != nil {
			return number, err
		}
		select {
		case <-room:
		case <-ctx.Done():
		}
	}
}

// pings tells whether either side shows that it is there. The requests of long
// polling show it by themselves.
func (s *session) pings() bool { return s.transport != LongPolling }

// ping tells the hub that the client is there.
func (s *session) ping() {
	s.out.putSmall(s.c.codec.Append(nil, &wire.Message{Kind: wire.Ping}), false)
}

// silentFor is how long nothing was sent.
func (s *session) silentFor() time.Duration {
	return time.Since(s.begun) - time.Duration(s.sentAt.Load())
}

// makeResumable has the session survive its link, which reopen makes anew.
func (s *session) makeResumable(reopen func(context.Context) (link, error)) {
	s.reopen = reopen
	s.sequence.next = 1
	s.out.keep(s.c.options.StatefulReconnect)
}

// version is that of the hub protocol: the second can be resumed.
func (s *session) version() int {
	if s.reopen != nil {
		return 2
	}
	return 1
}

// canResume tells whether the connection may go on after its link ended with
// err.
func (s *session) canResume(err error) bool {
	_, lost := errors.AsType[*lostError](err)
	return lost && s.reopen != nil
}
