package hubtest

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// heard is one event that arrived, until it is taken.
type heard struct {
	target    string
	arguments []byte
}

// Await takes the next event of that name that the client has heard and not
// taken yet, and waits for it if need be. It fails the test if the connection is
// closed and the event cannot come any more.
func Await[T any](t testing.TB, c *Client, event contract.Event[T]) T {
	t.Helper()
	guard := time.NewTimer(awaitLimit)
	defer guard.Stop()
	name := event.Descriptor().Name()
	for {
		h, ok, changed := c.take(name)
		if ok {
			return decode(t, event, h)
		}
		if changed == nil {
			t.Fatalf("there is no event %s, and the connection is closed", name)
		}
		select {
		case <-changed:
		case <-guard.C:
			t.Fatalf("no event %s in %v", name, awaitLimit)
		}
	}
}

// Heard takes every event of that name that has arrived so far, in order,
// without waiting. What a method published is there when its call returned.
func Heard[T any](t testing.TB, c *Client, event contract.Event[T]) []T {
	t.Helper()
	var all []T
	for {
		h, ok, _ := c.take(event.Descriptor().Name())
		if !ok {
			return all
		}
		all = append(all, decode(t, event, h))
	}
}

func decode[T any](t testing.TB, event contract.Event[T], h heard) T {
	t.Helper()
	var v T
	p, err := wire.ArgumentsOf(event.Descriptor())
	if err == nil {
		err = wire.JSON.ReadArguments(h.arguments, p, reflect.ValueOf(&v).Elem())
	}
	if err != nil {
		t.Fatalf("event %s: %v", event.Descriptor().Name(), err)
	}
	return v
}

// take removes the first event called name, or gives a channel that is closed
// when something arrives; nil if nothing will.
func (c *Client) take(name string) (h heard, ok bool, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, h := range c.heard {
		if strings.EqualFold(h.target, name) {
			c.heard = append(c.heard[:i], c.heard[i+1:]...)
			return h, true, nil
		}
	}
	if c.closed {
		return heard{}, false, nil
	}
	return heard{}, false, c.changed
}
