package main

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// generator is the clients of one server, in a process of their own. One
// thread reads all their sockets, so that the load costs the machine as little
// as it can and the same for every server.
type generator struct {
	dialect  dialect
	progress progress
	epoll    int
	reading  sync.WaitGroup

	mu       sync.Mutex // Protects following.
	clients  []*client
	byFD     map[int32]*client
	samples  *[]span // nil: arrivals are not timed
	lastRead int64   // Unix nanoseconds
	stopped  bool
}

// readBuffer is how much one read takes off a socket.
const readBuffer = 64 << 10

// load is the whole life of a load process.
func load(name string) error {
	e, err := find(name)
	if err != nil {
		return err
	}
	p, err := openProgress()
	if err != nil {
		return err
	}
	g := &generator{dialect: e.dialect, progress: p, byFD: map[int32]*client{}}
	if g.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return err
	}
	var readErr error
	g.reading.Go(func() { readErr = g.read() })
	err = obey(g.do)
	g.mu.Lock()
	g.stopped = true
	g.mu.Unlock()
	g.reading.Wait()
	return errors.Join(err, readErr)
}

func (g *generator) do(c command) (a answer, err error) {
	switch c.Do {
	case "connect": // open Count clients of the server at Addr
		err = g.connect(c.Addr, int(c.Count))
	case "begin": // a window begins; Sampling says whether arrivals are timed
		g.begin(c.Sampling)
	case "await": // wait until each client has received Count messages in all
		a.To, err = g.await(c.Count)
	case "latency": // of the window, with its Hiccups
		g.mu.Lock()
		a.Latency = summarize(*g.samples, c.Hiccups)
		g.mu.Unlock()
	case "cpu":
		a.CPU, err = cpuTime()
	default:
		err = fmt.Errorf("no such command")
	}
	return a, err
}

func (g *generator) connect(addr string, n int) error {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	defer requests.CloseIdleConnections()
	for range n {
		c, err := connect(to, g.dialect)
		if err != nil {
			return err
		}
		g.mu.Lock()
		g.clients = append(g.clients, c)
		g.byFD[int32(c.fd)] = c
		g.mu.Unlock()
		e := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}
		if err := syscall.EpollCtl(g.epoll, syscall.EPOLL_CTL_ADD, c.fd, &e); err != nil {
			return err
		}
	}
	return nil
}

// read reads all sockets until the process is told to stop.
func (g *generator) read() error {
	events := make([]syscall.EpollEvent, 256)
	buf := make([]byte, readBuffer)
	for {
		n, err := syscall.EpollWait(g.epoll, events, 100)
		if err != nil && err != syscall.EINTR {
			return err
		}
		g.mu.Lock()
		if g.stopped {
			g.mu.Unlock()
			return nil
		}
		var messages int64
		for _, e := range events[:max(n, 0)] {
			c := g.byFD[e.Fd]
			before := c.messages
			g.readOne(c, buf)
			messages += c.messages - before
		}
		if messages > 0 {
			g.lastRead = time.Now().UnixNano()
			g.progress.delivered.Add(messages)
		}
		g.mu.Unlock()
	}
}

// readOne takes what one socket has. A client that fails is read no more.
func (g *generator) readOne(c *client, buf []byte) {
	n, err := syscall.Read(c.fd, buf)
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return
	case err != nil:
		c.err = err
	case n == 0:
		c.err = errors.New("the server closed the connection")
	default:
		c.receive(buf[:n], g.samples)
	}
	if c.err != nil {
		// The socket stays open: the process ends soon.
		_ = syscall.EpollCtl(g.epoll, syscall.EPOLL_CTL_DEL, c.fd, nil)
	}
}

func (g *generator) begin(sampling bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.samples = nil
	if sampling {
		s := make([]span, 0, 1<<16)
		g.samples = &s
	}
}

// stall is how long nothing may arrive before what is missing counts as lost.
const stall = 5 * time.Second

// await waits until every client has received that many messages since it was
// opened, and returns when the last arrived. Anything else is an error that
// tells how many are missing or too many.
func (g *generator) await(expected int64) (last int64, err error) {
	var before int64
	for since := time.Now(); time.Since(since) < stall; time.Sleep(time.Millisecond) {
		received := g.progress.delivered.Load()
		if received >= expected*int64(len(g.clients)) {
			break
		}
		if received != before {
			before, since = received, time.Now()
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lastRead, reconcile(g.clients, expected)
}

// reconcile compares what each client received with what was published.
func reconcile(clients []*client, expected int64) error {
	var short, over, missing, extra int64
	var why error
	for _, c := range clients {
		switch {
		case c.messages < expected:
			short++
			missing += expected - c.messages
		case c.messages > expected:
			over++
			extra += c.messages - expected
		}
		if why == nil {
			why = c.err
		}
	}
	if short+over == 0 && why == nil {
		return nil
	}
	err := fmt.Errorf("%d of %d clients are short of %d messages, %d clients have %d too many", short, len(clients), missing, over, extra)
	if why != nil {
		err = fmt.Errorf("%w; the first to fail: %w", err, why)
	}
	return err
}
