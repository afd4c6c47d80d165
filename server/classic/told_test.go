package classic_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
)

// A client has what a hub says to it on connect before it hears that it has
// started: a poll tells that it has, and a stream gets a head start.
func TestStart_afterWhatTheHubSays(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		synctest.Test(t, func(t *testing.T) {
			m := newOther()
			m.OnConnect(func(x *hub.Context) error {
				return hub.Publish(x, x.Caller(), otherEvent, line{"hub", "welcome"})
			})
			s := serve(t, classic.Options{}, nil, m)
			c := s.negotiated(way, "otherHub")
			c.connect()
			defer c.cut()
			begun := time.Now()
			started := make(chan struct{})
			go func() {
				defer close(started)
				c.start()
			}()
			c.expect(`{"H":"otherHub","M":"said","A":["hub","welcome"]}`)
			select {
			case <-started:
				t.Error("it heard that it has started before that")
			default:
			}
			want := 50 * time.Millisecond
			if way == "longPolling" {
				want = 0
				ctx, cancel := context.WithCancel(t.Context())
				polled := make(chan struct{})
				go func() { // as pages do, which have one poll always
					defer close(polled)
					_, _ = c.link.next(ctx) // it is canceled
				}()
				defer func() {
					cancel()
					<-polled
				}()
			}
			<-started
			if waited := time.Since(begun); waited != want {
				t.Errorf("it started after %s, want %s", waited, want)
			}
		})
	})
}

// Who is greeted by no hub need not wait.
func TestStart_atOnce(t *testing.T) {
	eachWay(t, func(t *testing.T, way string) {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, classic.Options{}, nil, newChat())
			begun := time.Now()
			s.connected(way, "chatHub")
			if waited := time.Since(begun); waited != 0 {
				t.Errorf("it started after %s", waited)
			}
		})
	})
}
