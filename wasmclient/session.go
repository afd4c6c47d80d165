package client

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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

// session is a connection from handshake to end: one link, one goroutine that
// reads it, one that writes it, and one that looks at the clock.
type session struct {
	c         *Client
	link      link
	transport Transport
	out       *outbox
	work      sync.WaitGroup

	received []byte // of messages that are not whole yet; the reader's
	chunk    []byte // what the reader reads into

	begun   time.Time
	heardAt atomic.Int64 // when the hub last said something, in ns since begun
	sentAt  atomic.Int64 // when something was last written, in ns since begun
	stuck   atomic.Bool  // the reader waits for handlers

	quit     chan struct{} // closed when nothing is wanted from the link any more
	readEnd  chan struct{} // closed when the reader has ended
	writeEnd chan error    // holds why the writer could not go on
	goodbye  chan struct{} // closed when the hub has closed the connection

	mu      sync.Mutex // protects following
	calls   map[string]*call
	ended   bool  // no call can be made any more
	err     error // why the session ended: the first reason that was found
	leaving bool  // quit is closed

	sentAway bool // the hub does not want to see the client again; read after wait
}

func newSession(c *Client, l link, t Transport) *session {
	return &session{
		c: c, link: l, transport: t, out: newOutbox(c.options.QueueLimit), chunk: make([]byte, 16<<10), begun: time.Now(),
		quit: make(chan struct{}), readEnd: make(chan struct{}), writeEnd: make(chan error, 1), goodbye: make(chan struct{}),
		calls: map[string]*call{},
	}
}

// start begins the work of the session. When ctx ends, the session takes leave.
func (s *session) start(ctx context.Context) {
	if s.pings() {
		s.ping() // hubs watch only those who have pinged
	}
	s.work.Go(func() { s.endWith(s.read()) })
	s.work.Go(s.write)
	s.work.Go(func() { s.keep(ctx) })
}

// wait waits for the end of the session, and says why it came.
func (s *session) wait() error {
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// read is the session's reader. It ends with the link, or with the reason to
// end it.
func (s *session) read() error {
	var m wire.Message
	limit := s.c.options.ReceiveLimit
	piece := s.received // also what came with the handshake
	for {
		if len(s.received) > limit || s.c.codec.Ends(piece) {
			buf := s.received
			for {
				msg, rest, err := s.c.codec.Split(buf, limit)
				if msg == nil && err == nil {
					break
				}
				if err == nil {
					err = s.c.codec.Decode(msg, &m)
				}
				if err != nil {
					return fmt.Errorf("the hub broke the protocol: %w", err)
				}
				if err := s.receive(&m); err != nil {
					return err
				}
				buf = rest
			}
			s.received = append(s.received[:0], buf...)
			if len(buf) == 0 && cap(s.received) > len(s.chunk) {
				s.received = nil // one large message does not hold its memory for ever
			}
		}
		n, err := s.link.Read(s.chunk)
		if err != nil {
			return err
		}
		piece = s.chunk[:n]
		s.received = append(s.received, piece...)
		s.heardAt.Store(int64(time.Since(s.begun)))
		// A hidden browser tab has few timers, but what arrives is told.
		if s.pings() && s.silentFor() >= s.c.options.KeepAlive/2 {
			s.ping()
		}
	}
}

// receive acts on one message of the hub's. Kinds that a hub has no reason to
// send, or that nobody knows yet, are skipped.
func (s *session) receive(m *wire.Message) error {
	switch m.Kind {
	case wire.Invocation:
		if m.InvocationID != nil {
			return s.refuseQuery(m)
		}
		return s.receiveEvent(m)
	case wire.Completion:
		s.receiveAnswer(m)
	case wire.Close:
		s.receiveClose(m)
	}
	return nil
}

func (s *session) receiveEvent(m *wire.Message) error {
	e := event{target: strings.ToLower(string(m.Target)), arguments: append([]byte(nil), m.Arguments...)}
	if s.c.events.inbox.tryPut(e) {
		return nil
	}
	s.stuck.Store(true)
	err := s.c.events.inbox.put(e, s.quit, s.c.options.ServerTimeout, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.calls) > 0 {
			return errSlowHandlers
		}
		return nil
	})
	s.heardAt.Store(int64(time.Since(s.begun))) // the clock starts when reading does
	s.stuck.Store(false)
	return err
}

// refuseQuery answers a call from the hub, as SignalR's clients do when nothing
// handles it.
func (s *session) refuseQuery(m *wire.Message) error {
	frame := s.c.codec.Append(nil, &wire.Message{
		Kind: wire.Completion, InvocationID: m.InvocationID,
		HasError: true, Error: []byte("Client didn't provide a result."),
	})
	for {
		room, err := s.out.put(frame)
		if room == nil || err != nil {
			return nil //nolint:nilerr // a session that ends answers nothing
		}
		select {
		case <-room:
		case <-s.quit:
			return nil
		}
	}
}

// receiveClose notes that the hub closes the connection. The link is read on
// until it ends.
func (s *session) receiveClose(m *wire.Message) {
	err := ErrHubClosed
	if m.HasError && len(m.Error) > 0 {
		err = fmt.Errorf("%w: %w", ErrHubClosed, hubError(m.Error))
	}
	s.mu.Lock()
	first := s.err == nil
	if first {
		s.err, s.sentAway = err, !m.AllowReconnect
	}
	s.mu.Unlock()
	if first {
		close(s.goodbye)
	}
	s.out.end(nil)
	s.endCalls()
}

// endWith ends what the reader's end ends. If there was no reason before, err
// is why.
func (s *session) endWith(err error) {
	s.giveUp(err)
	s.endCalls()
	s.out.end(nil)
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
	var spent []byte
	for {
		p := s.out.take(spent)
		if p == nil {
			return
		}
		if err := s.link.Write(p); err != nil {
			s.writeEnd <- fmt.Errorf("the connection to the hub broke: %w", err)
			return
		}
		s.sentAt.Store(int64(time.Since(s.begun)))
		if spent = p; cap(spent) > 64<<10 {
			spent = nil
		}
	}
}

// pings tells whether either side shows that it is there. The requests of long
// polling show it by themselves.
func (s *session) pings() bool { return s.transport != LongPolling }

// ping tells the hub that the client is there.
func (s *session) ping() {
	s.out.putSmall(s.c.codec.Append(nil, &wire.Message{Kind: wire.Ping}))
}

// silentFor is how long nothing was sent.
func (s *session) silentFor() time.Duration {
	return time.Since(s.begun) - time.Duration(s.sentAt.Load())
}
