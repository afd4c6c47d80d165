package hub_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// The contract of the tests of streams, uploads and queries.
var (
	flowHub     = contract.NewHub("talk")
	countStream = contract.NewStream[count, int](flowHub, "Count")
	waitMethod  = contract.NewMethod[contract.None, contract.None](flowHub, "Wait")
	addUpMethod = contract.NewMethod[addUp, int](flowHub, "AddUp")
	bothMethod  = contract.NewMethod[both, string](flowHub, "Both")
	twiceStream = contract.NewStream[addUp, int](flowHub, "Twice")
	askMethod   = contract.NewMethod[say, string](flowHub, "Ask")
	nameQuery   = contract.NewQuery[say, string](flowHub, "name")
	flowEvent   = contract.NewEvent[say](flowHub, "heard")
	flowAPI     = contract.NewAPI(flowHub, countStream, waitMethod, addUpMethod, bothMethod, twiceStream, askMethod, nameQuery, flowEvent)
)

type (
	count struct {
		N   int
		How string
	}
	addUp struct {
		Times int
		Items contract.Upload[int]
	}
	both struct{ Left, Right contract.Upload[string] }
)

var errDisk = errors.New("the disk is full")

// flow is the hub under test, with a handler of the test's own in the place of
// those that a field names.
type flow struct {
	count func(x *hub.Context, c count) iter.Seq2[int, error]
	addUp func(x *hub.Context, a addUp) (int, error)
	both  func(x *hub.Context, b both) (string, error)
	wait  func(x *hub.Context) error
	ask   func(x *hub.Context, text string) (string, error)
}

func (f flow) mux(options ...hub.MethodOption) *hub.Mux {
	m := hub.New(flowAPI)
	if f.count == nil {
		f.count = counts
	}
	if f.addUp == nil {
		f.addUp = addsUp
	}
	if f.both == nil {
		f.both = func(_ *hub.Context, b both) (all string, err error) {
			for _, u := range []contract.Upload[string]{b.Left, b.Right} {
				for v, err := range u.Values {
					if err != nil {
						return "", err
					}
					all += v
				}
			}
			return all, nil
		}
	}
	if f.wait == nil {
		f.wait = func(x *hub.Context) error { <-x.Done(); return x.Err() }
	}
	if f.ask == nil {
		f.ask = func(x *hub.Context, text string) (string, error) {
			return hub.Invoke(x, x.Caller(), nameQuery, say{text})
		}
	}
	hub.HandleStream(m, countStream, f.count, options...)
	hub.Handle(m, addUpMethod, f.addUp, options...)
	hub.Handle(m, bothMethod, f.both)
	hub.HandleStream(m, twiceStream, func(_ *hub.Context, a addUp) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for v, err := range a.Items.Values {
				if !yield(v*a.Times, err) || err != nil {
					return
				}
			}
		}
	})
	hub.Handle(m, waitMethod, func(x *hub.Context, _ contract.None) (contract.None, error) {
		return contract.None{}, f.wait(x)
	})
	hub.Handle(m, askMethod, func(x *hub.Context, s say) (string, error) { return f.ask(x, s.Text) })
	return m
}

// counts yields the numbers below N and then does what How says.
func counts(x *hub.Context, c count) iter.Seq2[int, error] {
	switch c.How {
	case "nil":
		return nil
	case "refuse":
		return hub.FailStream[int](hub.Errorf("not today"))
	case "panic first":
		panic("secret")
	}
	return func(yield func(int, error) bool) {
		for i := range c.N {
			if c.How == "push" {
				if err := hub.Publish(x, x.Caller(), flowEvent, say{fmt.Sprint(i)}); err != nil {
					yield(0, err)
					return
				}
			}
			if !yield(i, nil) {
				return
			}
		}
		switch c.How {
		case "public":
			yield(0, hub.Errorf("no more"))
		case "plain":
			yield(0, errDisk)
		case "panic":
			panic("secret")
		case "wait":
			<-x.Done()
			yield(0, x.Err())
		}
	}
}

func addsUp(_ *hub.Context, a addUp) (sum int, err error) {
	for v, err := range a.Items.Values {
		if err != nil {
			return 0, err
		}
		sum += v
	}
	return sum * a.Times, nil
}

// say sends records to the hub, and waits until it has done all it can.
func (p *peer) say(t *testing.T, records ...string) (wait <-chan struct{}) {
	t.Helper()
	for _, r := range records {
		var err error
		if wait, err = p.conn.Receive([]byte(r + rs)); err != nil {
			t.Fatalf("%s: %v", r, err)
		}
	}
	synctest.Wait()
	return wait
}

// expect checks all that the client has seen since the last expect.
func (p *peer) expect(t *testing.T, records ...string) {
	t.Helper()
	want := ""
	for _, r := range records {
		want += r + rs
	}
	p.mu.Lock()
	got := p.got.String()
	p.got.Reset()
	p.mu.Unlock()
	if got != want {
		t.Errorf("saw  %q\nwant %q", got, want)
	}
}

// flows runs f in a bubble with a hub of the test's.
func flows(t *testing.T, m *hub.Mux, o *hub.Options, f func(t *testing.T, p *peer, open func(string) *peer, core *hub.Core)) {
	t.Helper()
	bubble(t, m, o, func(t *testing.T, open func(string) *peer, core *hub.Core) { f(t, open("p"), open, core) })
}

func item(id string, value any) string {
	return fmt.Sprintf(`{"type":2,"invocationId":"%s","item":%v}`, id, value)
}

func completion(id, rest string) string {
	if rest != "" {
		rest = "," + rest
	}
	return `{"type":3,"invocationId":"` + id + `"` + rest + `}`
}

func failed(id, text string) string { return completion(id, `"error":"`+text+`"`) }

// items is a stream's iterator.
type items = iter.Seq2[int, error]

// ended is a context that has ended.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// soon is a context that ends after a second.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}
