package client

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// pollPause is how long at least a poll that brings nothing takes, with the wait
// before the next. Hubs hold one much longer; what does not must not be asked in
// a tight loop.
const pollPause = time.Second

// pollLink is long polling: the hub answers a GET when it has something to say,
// and a POST carries what the client says.
type pollLink struct {
	exchange
	ctx    context.Context // of all requests
	cancel context.CancelCauseFunc

	body  io.ReadCloser // of the answer that is being read; nil: none is; the reader's
	empty bool          // nothing was in it yet; the reader's
	begun time.Time     // when it was asked for; the reader's

	over    atomic.Bool   // the hub has ended the connection, or cannot be reached
	closing atomic.Bool   // Close was called
	closed  chan struct{} // closed when it has done all
}

// openPoll begins to poll. The first answer comes at once, and is empty.
func openPoll(ctx context.Context, x exchange) (link, error) {
	l := &pollLink{exchange: x, closed: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, func() { l.cancel(context.Cause(ctx)) })()
	answer, err := l.do(l.ctx, "GET", "", nil)
	if err != nil {
		err = because(l.ctx, err)
		l.cancel(err)
		return nil, err
	}
	if answer.code == 200 {
		answer.finish()
		return l, nil
	}
	err = refusal(answer)
	_ = answer.body.Close()
	l.cancel(err)
	return nil, err
}

func (l *pollLink) Read(p []byte) (int, error) {
	// The clock runs only while something is waited for, since the reader may
	// take its time.
	late := time.AfterFunc(requestTimeout, func() { l.cancel(errNoAnswer) })
	defer late.Stop()
	for {
		if l.body == nil {
			if err := l.poll(); err != nil {
				return 0, l.broken(err)
			}
		}
		n, err := l.body.Read(p)
		l.empty = l.empty && n == 0
		if errors.Is(err, io.EOF) {
			_ = l.body.Close()
			l.body, err = nil, nil
			if l.empty && !sleep(l.ctx, pollPause-time.Since(l.begun), nil) {
				err = errClosedHere
			}
			late.Reset(requestTimeout)
		}
		if n > 0 {
			return n, nil // an error comes again
		}
		if err != nil {
			return 0, l.broken(err)
		}
	}
}

// poll makes the next request.
func (l *pollLink) poll() error {
	l.begun, l.empty = time.Now(), true
	answer, err := l.do(l.ctx, "GET", "", nil)
	if err != nil {
		return err
	}
	if answer.code == 200 {
		l.body = answer.body
		return nil
	}
	defer answer.body.Close()
	if answer.code == 204 {
		return errEnded
	}
	return refusal(answer)
}

// broken notes that the hub has no connection any more, or cannot be told, and
// says why.
func (l *pollLink) broken(err error) error {
	err = because(l.ctx, err)
	if !errors.Is(err, errClosedHere) {
		l.over.Store(true)
	}
	l.cancel(err)
	return err
}

func (l *pollLink) Write(p []byte) error {
	if err := l.send(l.ctx, p); err != nil {
		return l.broken(err)
	}
	return nil
}

// Close breaks the poll off. The hub does not see that, so it is told.
func (l *pollLink) Close() {
	if l.closing.Swap(true) {
		<-l.closed
		return
	}
	defer close(l.closed)
	l.cancel(errClosedHere)
	if l.over.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), leaveTimeout)
	defer cancel()
	if answer, err := l.do(ctx, "DELETE", "", nil); err == nil {
		answer.finish()
	}
}
