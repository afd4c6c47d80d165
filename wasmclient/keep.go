package client

import (
	"context"
	"time"

	"partline.dev/shared/wire"
)

// keep is the session's clock: it pings, ends a session whose hub is silent, and
// sees to it that one which ends does so in time.
func (s *session) keep(ctx context.Context) {
	p := patience{limit: s.c.options.ServerTimeout}
	wake := min(s.c.options.KeepAlive, s.c.options.ServerTimeout) // since s.begun
	t := time.NewTimer(wake - time.Since(s.begun))
	defer t.Stop()
	if !s.pings() {
		t.Stop()
	}
	acks := time.NewTimer(time.Hour)
	defer acks.Stop()
	for {
		select {
		case <-s.readEnd:
			return
		case <-s.news:
			acks.Reset(ackEvery)
			continue
		case <-acks.C:
			s.acknowledge()
			continue
		case <-s.goodbye:
			s.linger(lingerTimeout, nil, nil)
			return
		case err := <-s.writeEnd:
			s.linger(lingerTimeout, err, nil)
			return
		case <-ctx.Done():
			s.takeLeave()
			return
		case <-t.C:
		}
		now := time.Since(s.begun)
		heard := time.Duration(s.heardAt.Load())
		if s.stuck.Load() {
			heard = now // nobody listens
		}
		next, dead := p.look(now, heard, wake)
		if dead {
			s.giveUp(&lostError{errSilent})
			<-s.readEnd
			return
		}
		if s.silentFor() >= s.c.options.KeepAlive {
			s.ping()
		}
		wake = min(next, now+s.c.options.KeepAlive-s.silentFor()%s.c.options.KeepAlive)
		t.Reset(wake - now)
	}
}

// takeLeave ends the session from this side: what is queued is sent, the hub is
// told, and closes the link.
func (s *session) takeLeave() {
	s.mu.Lock()
	if s.err == nil {
		s.err = errClosedHere
	}
	s.leave() // events that wait for room are not wanted any more
	s.mu.Unlock()
	s.out.end(s.c.codec.Append(nil, &wire.Message{Kind: wire.Close}))
	s.end()
	var told <-chan struct{}
	if s.transport == ServerSentEvents {
		told = s.written // a stream of events is ended by who reads it
	}
	s.linger(leaveTimeout, errClosedHere, told)
}

// linger gives the link that long to end by itself, or until enough is closed.
func (s *session) linger(most time.Duration, err error, enough <-chan struct{}) {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-s.readEnd:
		return
	case <-enough:
	case <-t.C:
	}
	s.giveUp(err)
	<-s.readEnd
}
