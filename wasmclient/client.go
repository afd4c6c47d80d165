package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Client is one connection of a hub, made again whenever it is lost.
type Client struct {
	url     string
	hub     *contract.Hub
	options Options
	codec   wire.Codec

	// openCarrier makes what this platform has of HTTP and WebSockets.
	openCarrier func(*Options) carrier

	lastID atomic.Int64 // of a call

	standing standing
	states   states
	events   events
	queries  queries
	working  sync.WaitGroup // uploads, answers to queries, and what keeps a session standing
	again    chan struct{}  // holds a value when the next attempt shall not wait

	mu      sync.Mutex // protects following
	closed  bool
	stop    context.CancelFunc // of the Run that is at work; nil: none is
	stopped chan struct{}      // closed when that Run is about to return
	session *session           // nil while not connected
}

// New returns a client of the hub h at url, which is the hub's whole address,
// such as https://parts.example/hubs/connected; its query is kept on every
// request. Nothing happens before [Client.Run]. It panics if h is nil.
func New(url string, h *contract.Hub, o *Options) *Client {
	if h == nil {
		panic("client: no hub")
	}
	c := &Client{url: url, hub: h, options: o.withDefaults(), openCarrier: newCarrier, again: make(chan struct{}, 1)}
	c.standing = newStanding(&c.options)
	c.codec = codecOf(&c.options)
	c.events.inbox.init(c.options.QueueLimit)
	return c
}

// Dial returns a client of the hub h at url as soon as it is connected; see
// [New]. It tries until ctx ends, and then says what went wrong last. Afterwards
// ctx has no meaning: the client keeps itself connected until [Client.Close].
// At most one Options may be given; none means all defaults.
//
// Events that the hub sends before [On] was called are not heard.
func Dial(ctx context.Context, url string, h *contract.Hub, o ...*Options) (*Client, error) {
	if len(o) > 1 {
		return nil, errors.New("client: Dial takes one Options")
	}
	c := New(url, h, append(o, nil)[0])
	connected := make(chan struct{}, 1)
	stop := c.Watch(func(s State) {
		if s.Phase == Connected {
			select {
			case connected <- struct{}{}:
			default: // again connected, before anybody looked
			}
		}
	})
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(context.WithoutCancel(ctx)) }() // waited for by Close
	select {
	case <-connected:
		return c, nil
	case err := <-ended:
		return nil, fmt.Errorf("hub %s: %w", h.Name(), err)
	case <-ctx.Done():
	}
	err := ctx.Err()
	if why := c.State().Err; why != nil {
		err = fmt.Errorf("%w: %w", err, why)
	}
	_ = c.Close() // always nil
	<-ended       //nolint:errcheck // by ctx or Close, which is no news
	return nil, fmt.Errorf("no connection to hub %s: %w", h.Name(), err)
}

// Run connects, and stays connected, until ctx or [Client.Close] ends it; then
// it returns nil. If the hub closes the connection for good, it returns why: an
// error that is [ErrHubClosed] and, if the hub said something, an [*Error]. An
// address that cannot be one is an error at once. One Run may be at work at a
// time, and another may follow it.
//
// What was queued is still sent when Run ends, as far as that is possible within
// 5 s. Run returns when all handlers have.
func (c *Client) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopped, err := c.begin(cancel)
	if err != nil {
		return err
	}
	defer close(stopped)

	var work sync.WaitGroup
	dispatched, giveUp := context.WithCancel(ctx)
	defer giveUp()
	work.Go(func() { c.dispatch(dispatched) })

	err = c.stayConnected(ctx)
	c.states.set(State{Phase: Disconnected, Err: err})
	if err == nil {
		giveUp() // closed from this side: nobody wants the rest
	}
	c.events.inbox.end()
	work.Wait()
	c.working.Wait() // no more begin without a session

	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop = nil
	return err
}

// begin makes the calling Run the one that is at work.
func (c *Client) begin(stop context.CancelFunc) (stopped chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, errors.New("client: it is closed")
	case c.stop != nil:
		return nil, errors.New("client: it runs already")
	}
	c.stop, c.stopped = stop, make(chan struct{})
	c.events.inbox.begin()
	return c.stopped, nil
}

// Close ends the client and waits until [Client.Run] has ended with all its
// goroutines, handlers too. Calls in flight end as [ErrNotConfirmed]. It may be
// called more than once; its error is always nil.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	stop, stopped := c.stop, c.stopped
	c.mu.Unlock()
	if stop != nil {
		stop()
		<-stopped
	}
	return nil
}

// stayConnected connects again and again, until ctx ends or the hub does not
// want it.
func (c *Client) stayConnected(ctx context.Context) error {
	at, err := parseAddress(c.url)
	if err != nil {
		return err
	}
	carrier := c.openCarrier(&c.options)
	defer carrier.Close()

	ways := newChoice(at)
	row := newRetries(c.options.RetryBase, c.options.RetryMax)
	phase := Connecting
	var why error
	for attempt := 1; ; attempt++ {
		c.states.set(State{Phase: phase, Err: why, Attempt: attempt})
		s, err := c.connect(ctx, carrier, at, ways)
		if err == nil {
			begun := time.Now()
			phase, attempt = Reconnecting, 0
			if err = c.serve(ctx, s); s.sentAway {
				return err
			}
			row.held(time.Since(begun))
		}
		if ctx.Err() != nil {
			return nil
		}
		why = err
		wait := row.next()
		c.forgetAgain()
		c.states.set(State{Phase: phase, Err: why, Attempt: attempt, RetryAt: time.Now().Add(wait)})
		if !sleep(ctx, wait, c.again) {
			return nil
		}
	}
}

// Again makes the next attempt to connect at once, if the client waits for it: when
// somebody has done what the hub asks for, such as saying a name. Otherwise it does
// nothing.
func (c *Client) Again() { signal(c.again) }

// forgetAgain forgets an Again from the time when there was no wait.
func (c *Client) forgetAgain() {
	select {
	case <-c.again:
	default:
	}
}

// serve runs a session until it ends, and says why it did. Meanwhile it tells
// the watchers; they may call the hub, so the session does not wait for them.
func (c *Client) serve(ctx context.Context, s *session) error {
	c.setSession(s)
	defer c.setSession(nil)
	changed, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- c.live(ctx, s, func(now State) {
			c.states.post(now)
			signal(changed)
		})
	}()
	for {
		select {
		case <-changed:
			c.states.deliver()
		case err := <-ended:
			return err
		}
	}
}

// live is the life of a session, over one link or several.
func (c *Client) live(ctx context.Context, s *session, say func(State)) error {
	defer s.end()
	c.states.admit(s.said)
	if s.said != nil {
		s.lasts(s.said.ExpiresIn)
	}
	for caughtUp := chan struct{}(nil); ; {
		s.start(ctx)
		if caughtUp == nil {
			caughtUp = make(chan struct{})
			c.start(s, func() { c.stand(s, caughtUp) })
		}
		select {
		case <-caughtUp: // what is called from now on, those hear who shall
		case <-s.readEnd:
		}
		say(State{Phase: Connected, Transport: s.transport})
		err := s.wait()
		if !s.canResume(err) || ctx.Err() != nil {
			return err
		}
		if err := s.resume(ctx, err, say); err != nil {
			return err
		}
	}
}

func (c *Client) setSession(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = s
}

// start runs f in a goroutine for which Run waits. It reports false if s is
// over.
func (c *Client) start(s *session, f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != s {
		return false
	}
	c.working.Go(f)
	return true
}

// connected is the session to send on.
func (c *Client) connected() (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return nil, ErrNotConnected
	}
	return c.session, nil
}
