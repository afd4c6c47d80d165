package client

import "time"

// tooLate is how late a timer may be before it says more about this machine than
// about the hub: a page was frozen, a lid was closed. What the hub said meanwhile
// may still lie in the socket.
const tooLate = 2 * time.Second

// patience tells when the hub's silence means that the link is dead. Times are
// since any one moment.
type patience struct {
	limit time.Duration
	until time.Duration // end of the second chance; zero: there is none
	heard time.Duration // what was heard last when it was given
}

// look takes the time of day, when the hub was last heard, and when this look
// was due. It returns when to look again, or that the link is dead.
func (p *patience) look(now, heard, due time.Duration) (next time.Duration, dead bool) {
	if p.until > 0 && heard > p.heard {
		p.until = 0
	}
	end := max(heard+p.limit, p.until)
	switch {
	case now < end:
		return end, false
	case p.until == 0 && now-due > tooLate:
		p.until, p.heard = now+p.limit/2, heard
		return p.until, false
	}
	return 0, true
}
