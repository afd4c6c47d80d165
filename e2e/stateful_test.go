package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"partline.dev/internal/testkit"
	"partline.dev/shared/contract"
	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// cutsOfStateful is how often a connection with stateful reconnect is cut.
const cutsOfStateful = 1000

// The npm client's socket is cut at random moments under traffic both ways: every
// message arrives once and in order, and the connection stays what it was.
func TestStateful_npmClient(t *testing.T) {
	t.Parallel()
	cuts := testkit.Sample(t, cutsOfStateful)
	moments, err := json.Marshal(cuts)
	if err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{"json", "messagepack"} {
		t.Run(protocol, func(t *testing.T) {
			n := newNPMSite(t)
			base := startTestServer(t, n)
			var got struct {
				Cuts, Called, Answered, Pushed int
				SameID                         bool
				Group                          string
			}
			runNPMScript(t, &got, 10*time.Minute, "stateful.mjs",
				place{Base: base, Control: n.origin, Path: "/testhub", Transport: "WebSockets", Protocol: protocol},
				string(moments))
			if got.Cuts != len(cuts) || got.Called < len(cuts) || got.Answered != got.Called || got.Pushed != got.Called {
				t.Errorf("of %d cuts: %+v", len(cuts), got)
			}
			if !got.SameID || got.Group != "still in it" {
				t.Errorf("the connection is another: %+v", got)
			}
		})
	}
}

// Our own client's links are cut at random moments, those of its reconnects too.
func TestStateful_ourClient(t *testing.T) {
	t.Parallel()
	cuts := testkit.Sample(t, cutsOfStateful)
	for _, codec := range []wire.Codec{wire.JSON, wire.MessagePack} {
		t.Run(codec.Name(), func(t *testing.T) {
			n := newNPMSite(t)
			base := startTestServer(t, n)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			c, err := client.Dial(ctx, base+"/testhub", testhub.Hub, &client.Options{
				Transports: client.WebSockets, Codec: codec, RetryBase: 10 * time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			id := callStep(ctx, t, c, testhub.ConnectionIDMethod, testhub.None{})
			callStep(ctx, t, c, testhub.JoinMethod, testhub.Name{Name: "kept"})
			s := walk(ctx, t, c, id)
			for _, cut := range cuts {
				s.until(ctx, t, s.heard.Load()+int64(cut%30))
				wait := time.NewTimer(time.Duration(cut%23) * time.Millisecond)
				<-wait.C
				n.proxy.Cut()
			}
			s.end(ctx, t)
			if now := callStep(ctx, t, c, testhub.ConnectionIDMethod, testhub.None{}); now != id {
				t.Errorf("the connection is %s, it was %s", now, id)
			}
			told := make(chan string, 1)
			client.On(c, testhub.MessageEvent, func(m testhub.Text) { told <- m.Text })
			callStep(ctx, t, c, testhub.TellMethod, testhub.Tell{Whom: "group", Text: "still in it", Names: []string{"kept"}})
			select {
			case <-told:
			case <-ctx.Done():
				t.Error("the connection is not in its group any more")
			}
		})
	}
}

// callStep calls a method that cannot fail.
func callStep[Req, Res any](ctx context.Context, t *testing.T, c *client.Client, m contract.Method[Req, Res], request Req) Res {
	t.Helper()
	result, err := client.Call(ctx, c, m, request)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// walker takes one step after another, a few ahead of what it has heard of.
type walker struct {
	client      *client.Client
	id          string // of the connection at the beginning
	sent, heard atomic.Int64
	progress    chan struct{} // gets one when something was heard, if nobody has seen the last
	stop        chan struct{}
	walking     sync.WaitGroup
	fell        chan struct{} // closed when a step could not be taken
}

func walk(ctx context.Context, t *testing.T, c *client.Client, id string) *walker {
	const ahead = 20
	var states statesLog
	t.Cleanup(c.Watch(states.add))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the client's last states:\n%s", states.String())
		}
	})
	w := &walker{client: c, id: id, progress: make(chan struct{}, 1), stop: make(chan struct{}), fell: make(chan struct{})}
	room := make(chan struct{}, ahead)
	client.On(c, testhub.SteppedEvent, func(s testhub.Step) {
		if want := w.heard.Add(1); int64(s.N) != want {
			t.Errorf("step %d is heard in the place of step %d", s.N, want)
		}
		<-room
		select {
		case w.progress <- struct{}{}:
		default:
		}
	})
	w.walking.Go(func() {
		for {
			select {
			case room <- struct{}{}:
			case <-w.stop:
				return
			case <-ctx.Done():
				return
			}
			if err := client.Send(ctx, c, testhub.StepMethod, testhub.Step{N: int(w.sent.Add(1))}); err != nil {
				t.Errorf("step %d: %v", w.sent.Load(), err)
				close(w.fell)
				return
			}
		}
	})
	return w
}

// until waits until so many steps were heard.
func (w *walker) until(ctx context.Context, t *testing.T, steps int64) {
	t.Helper()
	for w.heard.Load() < steps {
		select {
		case <-w.progress:
		case <-w.fell:
			t.FailNow()
		case <-time.After(10 * time.Second): // three times the longest wait for an acknowledgement, and more
			t.Fatalf("%d steps of %d were heard, and no more; the connection is %s, it was %s",
				w.heard.Load(), w.sent.Load(), callStep(ctx, t, w.client, testhub.ConnectionIDMethod, testhub.None{}), w.id)
		case <-ctx.Done():
			t.Fatalf("%d steps of %d were heard", w.heard.Load(), w.sent.Load())
		}
	}
}

// end takes no more steps and waits for those that were sent.
func (w *walker) end(ctx context.Context, t *testing.T) {
	t.Helper()
	close(w.stop)
	w.walking.Wait()
	w.until(ctx, t, w.sent.Load())
	if heard, sent := w.heard.Load(), w.sent.Load(); heard != sent {
		t.Errorf("%d steps were heard, %d sent", heard, sent)
	}
}

// statesLog keeps the last states of a client, for a test that fails.
type statesLog struct {
	mu   sync.Mutex // protects following
	last []string
}

func (l *statesLog) add(s client.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = append(l.last, fmt.Sprintf("%s %v attempt %d: %v", time.Now().Format("05.000"), s.Phase, s.Attempt, s.Err))
	if len(l.last) > 50 {
		l.last = l.last[1:]
	}
}

func (l *statesLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n")
}
