package e2e_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"partline.dev/shared/access"
	"partline.dev/shared/chat"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// chatReader shows each message of a place once, as docs/chat.md says how: what comes
// before a replay is over waits, and what came both ways is known by its offset.
type chatReader struct {
	ctx context.Context
	c   *client.Client

	mu      sync.Mutex // Protects following.
	waits   bool       // a replay is not over
	later   []chat.Message
	last    chat.Since
	shown   []chat.Message
	gaps    []chat.Gap
	replays int // that were over
	changed chan struct{}
}

// readChat begins to read the chat of a place at base.
func readChat(t *testing.T, base, place string, way clientWay) *chatReader {
	t.Helper()
	c := client.New(base+"/hubs/chat", chat.Hub, chatOptions(place, way))
	ctx, cancel := context.WithCancel(t.Context())
	r := &chatReader{ctx: ctx, c: c, waits: true, changed: make(chan struct{})}
	t.Cleanup(client.On(c, chat.MessageEvent, r.hear))
	t.Cleanup(c.Watch(r.follow))
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		_ = c.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ran
		_ = c.Close()
	})
	return r
}

func chatOptions(place string, way clientWay) *client.Options {
	return &client.Options{
		Transports: way.transport, Codec: way.codec, RetryMax: time.Second,
		Join: func(context.Context) (access.Request, error) {
			return access.Request{Where: access.Where{Scope: contract.ScopePlace, Place: place}}, nil
		},
	}
}

// follow asks for what was missed whenever there is a connection anew.
func (r *chatReader) follow(s client.State) {
	if s.Phase != client.Connected {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.waits, r.later = true, nil // the next replay has them
		return
	}
	r.mu.Lock()
	since := r.last
	r.mu.Unlock()
	for item, err := range client.Open(r.ctx, r.c, chat.Replay, since) {
		if err != nil {
			return // the connection is lost again
		}
		r.mu.Lock()
		if item.Gap != nil {
			r.gaps = append(r.gaps, *item.Gap)
		} else {
			r.show(*item.Message)
		}
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.later {
		r.show(m)
	}
	r.waits, r.later = false, nil
	r.replays++
	r.change()
}

func (r *chatReader) hear(m chat.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waits {
		r.later = append(r.later, m)
		return
	}
	r.show(m)
}

// show shows a message, unless it was shown. The mutex is held.
func (r *chatReader) show(m chat.Message) {
	if m.Epoch == r.last.Epoch && m.Offset <= r.last.Offset {
		return
	}
	r.last = chat.Since{Epoch: m.Epoch, Offset: m.Offset}
	r.shown = append(r.shown, m)
	r.change()
}

// change wakes whoever waits. The mutex is held.
func (r *chatReader) change() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// until waits until what r has shown is as done says.
func (r *chatReader) until(ctx context.Context, t *testing.T, done func(r *chatReader) bool) {
	t.Helper()
	for {
		r.mu.Lock()
		ok, changed := done(r), r.changed
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			r.mu.Lock()
			defer r.mu.Unlock()
			t.Fatalf("%d messages were shown, the last is %v; %d gaps, %d replays", len(r.shown), r.last, len(r.gaps), r.replays)
		}
	}
}

var anyWay = clientWay{"any", 0, wire.JSON}
