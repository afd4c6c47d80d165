package client

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"partline.dev/shared/access"
)

const (
	// longestStanding is the longest time that a hub's word is taken for, in ms.
	longestStanding = 1 << 40

	// leastRefresh is the shortest wait before a refresh.
	leastRefresh = time.Second
)

// lasts notes that s ends in so many ms unless it is refreshed; zero, or less:
// never.
func (s *session) lasts(ms int64) {
	var until time.Time
	if ms > 0 {
		until = time.Now().Add(time.Duration(min(ms, longestStanding)) * time.Millisecond)
	}
	s.mu.Lock()
	s.until = until
	s.mu.Unlock()
	signal(s.lasting)
}

// refreshIn is how long after left has begun to refresh what ends then: after 3/4,
// or up to a tenth of that sooner, so that not all clients of a hub that has begun
// come at once.
func refreshIn(left time.Duration, draw func(n int64) int64) time.Duration {
	at := left / 4 * 3
	return max(at-time.Duration(draw(int64(at/10)+1)), leastRefresh)
}

// stand does what the program asked for meanwhile, and then refreshes what s was
// admitted by before it expires, until s is over.
// CaughtUp is closed when the first is done.
func (c *Client) stand(s *session, caughtUp chan<- struct{}) {
	if c.standing.now().number != s.asked {
		c.catchUp(s.over, s)
	}
	close(caughtUp)
	var due <-chan time.Time // nil: there is nothing to refresh
	var row *retries
	for {
		select {
		case <-s.over.Done():
			return
		case <-s.lasting:
			due = nil
			if left, ends := s.left(); ends {
				due = time.After(refreshIn(left, rand.Int64N))
				row = newRetries(c.options.RetryBase, c.options.RetryMax)
			}
		case <-due:
			due = nil
			if c.refresh(s.over, s) == nil {
				continue // what the hub said is told by lasting
			}
			// After the end the hub closes the connection, and says why.
			wait := row.next()
			if left, _ := s.left(); wait < left {
				due = time.After(wait)
			}
		}
	}
}

// refresh shows the hub newer credentials, if there are any.
func (c *Client) refresh(ctx context.Context, s *session) error {
	if err := c.standing.begin(ctx); err != nil {
		return err
	}
	defer c.standing.end()
	fresh, err := s.bearer.renew(ctx)
	if err != nil {
		return err
	}
	token := ""
	if fresh {
		token = s.bearer.get()
	}
	if token = cmp.Or(token, c.standing.token()); token == "" {
		return nil
	}
	_, err = c.ask(ctx, access.Refresh.Descriptor(), access.RefreshRequest{Token: token})
	return err
}

// left is how long s lasts unless it is refreshed, if that ends.
func (s *session) left() (left time.Duration, ends bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Until(s.until), !s.until.IsZero()
}
