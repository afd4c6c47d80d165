package classic_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
)

// Polls that take each other's place while the connection is woken for what is not
// for it are answered with nothing, all but the last.
func TestHostile_manyPollsAtOnce(t *testing.T) {
	m := newChat()
	s := serve(t, classic.Options{}, nil, m)
	c := s.connected("longPolling", "chatHub")
	ctx, cancel := context.WithCancel(t.Context())
	var polling, publishing sync.WaitGroup
	for range 4 {
		polling.Go(func() {
			defer cancel() // nobody takes the place of the last
			for range 300 {
				status, body, err := c.do(ctx, http.MethodPost, "poll", nil, url.Values{"messageId": {c.cursor}})
				if ctx.Err() != nil {
					return
				}
				if err != nil || status != http.StatusOK || !strings.HasSuffix(body, `"M":[]}`) {
					t.Errorf("answered %d %s: %v", status, body, err)
					return
				}
			}
		})
	}
	publishing.Go(func() {
		for ctx.Err() == nil {
			if err := hub.Publish(t.Context(), m.AllExcept(c.id), lineEvent, line{"server", "not for it"}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	polling.Wait()
	cancel()
	publishing.Wait()
}
