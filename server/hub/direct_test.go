package hub_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// asked calls a method of p's hub and waits, in a bubble, for what becomes of it.
func (p *peer) asked(t *testing.T, method, arguments string, count int) hub.Answer {
	t.Helper()
	answers := p.calls(t, hub.Call{Method: method, Arguments: []byte(arguments), Count: count})
	synctest.Wait()
	select {
	case a := <-answers:
		return a
	default:
		t.Fatalf("%s has no answer", method)
		return hub.Answer{}
	}
}

// calls takes a call, whose answers come through the channel.
func (p *peer) calls(t *testing.T, call hub.Call) <-chan hub.Answer {
	t.Helper()
	answers := make(chan hub.Answer, 10)
	call.Answer = func(a hub.Answer) { answers <- a }
	if _, err := p.conn.Call(call); err != nil {
		t.Fatal(err)
	}
	return answers
}

func TestConnCall_answers(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		p := open("p")
		if a := p.asked(t, "aDD", "[2,3]", 2); a.Err != nil || string(a.Value) != `{"total":5}` {
			t.Errorf("add 2, 3: %s, %v", a.Value, a.Err)
		}
		if a := p.asked(t, "Add", "[2,3,4]", 3); a.Err != nil || string(a.Value) != `{"total":9}` {
			t.Errorf("add 2, 3, 4: %s, %v", a.Value, a.Err)
		}
		if a := p.asked(t, "Say", `["hello"]`, 1); a.Err != nil || a.Value != nil || a.State != nil || a.Data != nil {
			t.Errorf("a method without a result: %+v", a)
		}
		p.expect(t, `{"type":1,"target":"heard","arguments":["hello"]}`)
		if n := core.Stats().Invocations; n != 3 {
			t.Errorf("%d invocations counted, want 3", n)
		}
		if _, err := p.conn.Call(hub.Call{Method: "Say", Arguments: []byte(`["to nobody"]`), Count: 1}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		p.expect(t, `{"type":1,"target":"heard","arguments":["to nobody"]}`)
	})
}

func TestConnCall_saysWhatWasWrong(t *testing.T) {
	bubble(t, talk(func(*hub.Context) error { panic("secret") }), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		if a := p.asked(t, "Nope", "[]", 0); !errors.Is(a.Err, hub.ErrUnknownMethod) {
			t.Errorf("an unknown method gave %v", a.Err)
		}
		if a := p.asked(t, strings.Repeat("x", 300), "[]", 0); !errors.Is(a.Err, hub.ErrUnknownMethod) {
			t.Errorf("a name too long gave %v", a.Err)
		}
		var wrong *hub.ArgumentsError
		a := p.asked(t, "add", "[1]", 1)
		if !errors.As(a.Err, &wrong) || !errors.Is(a.Err, wire.ErrCount) || len(wrong.Candidates) != 2 ||
			wrong.Candidates[0] != addMethod.Descriptor() || wrong.Candidates[1] != add3Method.Descriptor() {
			t.Errorf("too few arguments gave %v of %v", a.Err, wrong)
		}
		if a := p.asked(t, "Add", `[1,"x"]`, 2); !errors.As(a.Err, &wrong) || !errors.Is(a.Err, wire.ErrType) {
			t.Errorf("a text for a number gave %v", a.Err)
		}
		if a := p.asked(t, "Run", "[]", 0); a.Err == nil || strings.Contains(a.Err.Error(), "secret") {
			t.Errorf("a panic gave %v", a.Err)
		}
	})
}

func TestConnCall_authorizesFiltersAndTracesAsAnyOther(t *testing.T) {
	var trace []string
	m := hub.New(contract.NewAPI(talkHub, runMethod, sayMethod))
	hub.Handle(m, runMethod, func(*hub.Context, contract.None) (contract.None, error) {
		trace = append(trace, "run")
		return contract.None{}, fmt.Errorf("wrapped: %w", &hub.Error{Message: "no", Data: say{"why"}})
	})
	hub.Handle(m, sayMethod, func(*hub.Context, say) (contract.None, error) { return contract.None{}, nil },
		hub.Authorize(func(*hub.Context) error { return errors.New("never") }))
	m.Use(hub.Filter{Invoke: func(_ *hub.Context, next func() (any, error)) (any, error) {
		trace = append(trace, "filter")
		return next()
	}})
	o := &hub.Options{Trace: func(ctx context.Context, op hub.Operation) (context.Context, func(error)) {
		trace = append(trace, op.Method)
		return ctx, func(error) { trace = append(trace, "end") }
	}}
	bubble(t, m, o, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		a := p.asked(t, "run", "[]", 0)
		public, ok := a.Err.(*hub.Error)
		if !ok || public.Message != "no" || string(a.Data) != `{"text":"why"}` || a.Value != nil {
			t.Errorf("the error came as %#v with %s", a.Err, a.Data)
		}
		if a := p.asked(t, "Say", `["x"]`, 1); !errors.Is(a.Err, hub.ErrMethodUnauthorized) {
			t.Errorf("an unauthorized call gave %v", a.Err)
		}
	})
	if want := []string{"Run", "filter", "run", "end"}; !reflect.DeepEqual(trace, want) {
		t.Errorf("trace %q, want %q", trace, want)
	}
}

func TestConnCall_dataThatCannotTravelIsLeftOut(t *testing.T) {
	run := func(*hub.Context) error { return &hub.Error{Message: "no", Data: make(chan int)} }
	bubble(t, talk(run), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		if a := open("p").asked(t, "Run", "[]", 0); a.Err == nil || a.Err.Error() != "no" || a.Data != nil {
			t.Errorf("%v with %s", a.Err, a.Data)
		}
	})
}

func TestConnCall_aQuestionsErrorIsThereToRead(t *testing.T) {
	f := flow{ask: func(x *hub.Context, text string) (string, error) {
		return hub.Invoke(x, x.Client("q"), nameQuery, say{text})
	}}
	bubble(t, f.mux(), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p, q := open("p"), open("q")
		answers := p.calls(t, hub.Call{Method: "Ask", Arguments: []byte(`["who?"]`), Count: 1})
		synctest.Wait()
		q.say(t, `{"type":3,"invocationId":"s1","error":"nobody"}`)
		a := <-answers
		if public := (*hub.Error)(nil); !errors.As(a.Err, &public) || public.Message != "nobody" {
			t.Errorf("the answer's error came as %v", a.Err)
		}
	})
}

func TestConnCall_refusesStreamsAndUploads(t *testing.T) {
	began := false
	f := flow{
		count: func(*hub.Context, count) iter.Seq2[int, error] { began = true; return nil },
		addUp: func(*hub.Context, addUp) (int, error) { began = true; return 0, nil },
	}
	bubble(t, f.mux(), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		for call, want := range map[[2]string]string{
			{"Count", `[1,""]`}: "The client attempted to invoke the streaming 'Count' method with a non-streaming invocation.",
			{"AddUp", `[1]`}:    "The method 'AddUp' takes a stream from its caller, which this client cannot send.",
			{"Twice", `[1]`}:    "The client attempted to invoke the streaming 'Twice' method with a non-streaming invocation.",
		} {
			a := p.asked(t, call[0], call[1], strings.Count(call[1], ",")+1)
			if public := (*hub.Error)(nil); !errors.As(a.Err, &public) || public.Message != want {
				t.Errorf("%s gave %v", call[0], a.Err)
			}
		}
	})
	if began {
		t.Error("a handler ran")
	}
}

func TestConnCall_isAnsweredOnceAlsoWhenTheConnectionEnds(t *testing.T) {
	for name, end := range map[string]func(*hub.Conn, *hub.Core){
		"lost":       func(c *hub.Conn, _ *hub.Core) { c.LinkClosed(errors.New("lost")) },
		"left":       func(c *hub.Conn, _ *hub.Core) { c.LinkClosed(nil) },
		"the core's": func(_ *hub.Conn, core *hub.Core) { core.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			run := func(*hub.Context) error { <-release; return nil } // it does not notice that its context ends
			bubble(t, talk(run), nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
				release = make(chan struct{})
				p := open("p")
				running := p.calls(t, hub.Call{Method: "Run"})
				synctest.Wait()
				waiting := p.calls(t, hub.Call{Method: "Say", Arguments: []byte(`["x"]`), Count: 1})
				end(p.conn, core)
				advance(6 * time.Second) // past the time that who left in good order still has
				for which, answers := range map[string]<-chan hub.Answer{"running": running, "waiting": waiting} {
					select {
					case a := <-answers:
						if !errors.Is(a.Err, hub.ErrClosed) {
							t.Errorf("the %s call was answered with %v", which, a.Err)
						}
					default:
						t.Errorf("the %s call has no answer", which)
					}
				}
				if _, err := p.conn.Call(hub.Call{Method: "Run", Answer: func(hub.Answer) { t.Error("a call that was not taken is answered") }}); !errors.Is(err, hub.ErrClosed) {
					t.Errorf("a call after the end gave %v", err)
				}
				close(release)
				synctest.Wait()
				if len(running)+len(waiting) > 0 {
					t.Error("a call was answered twice")
				}
			})
		})
	}
}

func TestConnCall_ofAClientThatLeavesIsStillDone(t *testing.T) {
	release := make(chan struct{})
	bubble(t, talk(func(*hub.Context) error { <-release; return nil }), nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		release = make(chan struct{})
		p := open("p")
		first := p.calls(t, hub.Call{Method: "Run"})
		second := p.calls(t, hub.Call{Method: "Add", Arguments: []byte("[1,2]"), Count: 2})
		p.conn.LinkClosed(nil)
		close(release)
		synctest.Wait()
		if a := <-first; a.Err != nil {
			t.Error(a.Err)
		}
		if a := <-second; a.Err != nil || string(a.Value) != `{"total":3}` {
			t.Errorf("%s, %v", a.Value, a.Err)
		}
		if n := core.Stats().Connections; n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

func TestConnCall_isAnsweredBeforeADrainEnds(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		p := open("p")
		answers := p.calls(t, hub.Call{Method: "Add", Arguments: []byte("[1,2]"), Count: 2})
		if err := core.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a := <-answers; a.Err != nil {
			t.Error(a.Err)
		}
		if reason := p.why(); reason.Code != hub.CodeGoingAway || !reason.Again {
			t.Errorf("closed for %+v", reason)
		}
	})
}

func TestConnCall_waitsWhenTheQueueIsFull(t *testing.T) {
	release := make(chan struct{})
	o := &hub.Options{QueueLimit: 4 << 10}
	bubble(t, talk(func(*hub.Context) error { <-release; return nil }), o, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		release = make(chan struct{})
		p := open("p")
		p.calls(t, hub.Call{Method: "Run"})
		synctest.Wait()
		state := []byte(`{"k":"` + strings.Repeat("x", 1000) + `"}`)
		var wait <-chan struct{}
		calls := 0
		for wait == nil {
			var err error
			if wait, err = p.conn.Call(hub.Call{Method: "Add", Arguments: []byte("[1,2]"), Count: 2, State: state}); err != nil {
				t.Fatal(err)
			}
			calls++
		}
		if calls != 4 {
			t.Errorf("%d calls of 1 KiB fill a queue of 4", calls)
		}
		select {
		case <-wait:
			t.Error("there is room while the queue is full")
		default:
		}
		close(release)
		<-wait
	})
}

func TestConnCall_runsInTheOrderOfTheCalls(t *testing.T) {
	bubble(t, talk(nil), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		for i := range 50 {
			text := []byte(fmt.Sprintf("[\"%d\"]", i))
			if i%2 == 0 { // both kinds, in one queue
				p.calls(t, hub.Call{Method: "Say", Arguments: text, Count: 1})
			} else {
				p.say(t, `{"type":1,"target":"Say","arguments":`+string(text)+`}`)
			}
			clear(text) // it is ours again
		}
		synctest.Wait()
		var want []string
		for i := range 50 {
			want = append(want, fmt.Sprintf(`{"type":1,"target":"heard","arguments":["%d"]}`, i))
		}
		p.expect(t, want...)
	})
}

// TestConnCall_isAnsweredOnceWhateverHappens closes connections while calls come,
// run and end, for the race detector to see and to count answers.
func TestConnCall_isAnsweredOnceWhateverHappens(t *testing.T) {
	bubble(t, talk(nil), &hub.Options{ParallelInvocations: 3}, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		var taken, answered atomic.Int64
		for i := range 200 {
			p := open(fmt.Sprint(i))
			var callers sync.WaitGroup
			for range 4 {
				callers.Go(func() {
					for range 5 {
						var once atomic.Bool
						_, err := p.conn.Call(hub.Call{Method: "Add", Arguments: []byte("[1,2]"), Count: 2, Answer: func(hub.Answer) {
							if once.Swap(true) {
								t.Error("answered twice")
							}
							answered.Add(1)
						}})
						if err == nil {
							taken.Add(1)
						}
					}
				})
			}
			callers.Go(func() {
				for range i % 10 {
					runtime.Gosched() // so that it ends now before, now behind some of them
				}
				p.conn.LinkClosed([]error{nil, errors.New("lost")}[i%2])
			})
			callers.Wait()
		}
		synctest.Wait()
		if taken.Load() != answered.Load() || taken.Load() == 0 {
			t.Errorf("%d calls were taken and %d answered", taken.Load(), answered.Load())
		}
	})
}
