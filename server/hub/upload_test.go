package hub_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

const hubFails = "An unexpected error occurred invoking 'AddUp' on the server."

// addUpCall calls AddUp with uploads of those ids.
func addUpCall(streams ...string) string {
	for i, s := range streams {
		streams[i] = `"` + s + `"`
	}
	return `{"type":1,"invocationId":"1","target":"AddUp","arguments":[2],"streamIds":[` + strings.Join(streams, ",") + `]}`
}

func TestUpload_whatItsClientSees(t *testing.T) {
	rows := []struct {
		name string
		send []string
		see  []string
	}{
		{"items", []string{addUpCall("s"), item("s", 1), item("s", 2), item("s", 4), completion("s", "")}, []string{completion("1", `"result":14`)}},
		{"no items", []string{addUpCall("s"), completion("s", "")}, []string{completion("1", `"result":0`)}},
		{"the client's source fails", []string{addUpCall("s"), item("s", 1), failed("s", "no more")}, []string{failed("1", hubFails+" Exception: no more")}},
		{"an item of the wrong type", []string{addUpCall("s"), item("s", `"x"`), item("s", 1), completion("s", "")},
			[]string{failed("1", hubFails+" Error: an item of the upload: the value does not fit the type: a string where int is expected")}},
		{"two completions", []string{addUpCall("s"), item("s", 1), completion("s", ""), completion("s", ""), failed("s", "no")}, []string{completion("1", `"result":2`)}},
		{"an item after the completion", []string{addUpCall("s"), completion("s", ""), item("s", 1)}, []string{completion("1", `"result":0`)}},
		{"a completion with a result", []string{addUpCall("s"), item("s", 1), completion("s", `"result":7`)}, []string{completion("1", `"result":2`)}},
		{"a stream id that was never announced", []string{item("9", 1), completion("9", ""), failed("9", "no"), item("1", `{"a":[]}`)}, nil},
		{"no stream", []string{addUpCall()}, []string{failed("1", hubFails+" HubException: Client sent 0 stream(s), Hub method expects 1.")}},
		{"two streams for one", []string{addUpCall("s", "r"), item("s", 1)}, []string{failed("1", hubFails+" HubException: Client sent 2 stream(s), Hub method expects 1.")}},
		{"a stream for a method that has none", []string{`{"type":1,"invocationId":"1","target":"Wait","arguments":[],"streamIds":["s"]}`},
			[]string{failed("1", "An unexpected error occurred invoking 'Wait' on the server. HubException: Client sent 1 stream(s), Hub method expects 0.")}},
		{"one id twice", []string{`{"type":1,"invocationId":"1","target":"Both","arguments":[],"streamIds":["s","s"]}`, item("s", `"a"`)},
			[]string{failed("1", "An unexpected error occurred invoking 'Both' on the server. HubException: Stream ID 's' is already in use.")}},
		{"two uploads, the second first", []string{`{"type":1,"invocationId":"1","target":"Both","arguments":[],"streamIds":["l","r"]}`,
			item("r", `"c"`), completion("r", ""), item("l", `"a"`), item("l", `"b"`), completion("l", "")}, []string{completion("1", `"result":"abc"`)}},
		{"a stream of what is uploaded", []string{`{"type":4,"invocationId":"1","target":"Twice","arguments":[3],"streamIds":["s"]}`,
			item("s", 1), item("s", 2), completion("s", "")}, []string{item("1", 3), item("1", 6), completion("1", "")}},
		{"a stream whose upload fails", []string{`{"type":4,"invocationId":"1","target":"Twice","arguments":[3],"streamIds":["s"]}`,
			item("s", 1), failed("s", "no more")}, []string{item("1", 3), failed("1", "An error occurred on the server while streaming results. Exception: no more")}},
		{"nobody waits for an answer", []string{strings.Replace(addUpCall("s"), `"invocationId":"1",`, "", 1), item("s", 1), completion("s", "")}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			flows(t, flow{}.mux(), &hub.Options{DetailedErrors: true}, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
				p.say(t, row.send...)
				p.expect(t, row.see...)
				if p.isClosed() {
					t.Fatalf("closed: %+v", p.why())
				}
				// All ids are free again.
				p.say(t, addUpCall("s"), item("s", 5), completion("s", ""))
				p.expect(t, completion("1", `"result":10`))
			})
		})
	}
}

func TestUpload_idOfAnotherThatIsOpen(t *testing.T) {
	flows(t, flow{}.mux(), nil, func(t *testing.T, p *peer, open func(string) *peer, _ *hub.Core) {
		p.say(t, addUpCall("s"))
		p.say(t, `{"type":1,"invocationId":"2","target":"AddUp","arguments":[2],"streamIds":["s"]}`)
		p.expect(t, failed("2", hubFails+" HubException: Stream ID 's' is already in use."))
		// The upload that was first goes on, and another connection's are its own.
		other := open("other")
		other.say(t, addUpCall("s"), item("s", 100), completion("s", ""))
		p.say(t, item("s", 1), completion("s", ""))
		p.expect(t, completion("1", `"result":2`))
		other.expect(t, completion("1", `"result":200`))
	})
}

func TestUpload_itemsThatComeBeforeTheHandlerBegins(t *testing.T) {
	release := make(chan struct{})
	f := flow{wait: func(*hub.Context) error { <-release; return nil }}
	flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		release = make(chan struct{})
		p.say(t, `{"type":1,"target":"Wait","arguments":[]}`, addUpCall("s"), item("s", 1), item("s", 2), completion("s", ""))
		p.expect(t)
		close(release)
		synctest.Wait()
		p.expect(t, completion("1", `"result":6`))
	})
}

// takes is a handler that takes an item whenever it is told to, and says what it
// got.
func takes(next <-chan struct{}, got chan<- any) func(*hub.Context, addUp) (int, error) {
	return func(x *hub.Context, a addUp) (int, error) {
		pull, stop := iter.Pull2(a.Items.Values)
		defer stop()
		for range next {
			v, err, ok := pull()
			switch {
			case !ok:
				got <- "end"
				return 0, nil
			case err != nil:
				got <- err
				return 0, err
			}
			got <- v
		}
		return 0, nil
	}
}

// isClosed tells whether a reader that was given wait may read on.
func isClosed(wait <-chan struct{}) bool {
	select {
	case <-wait:
		return true
	default:
		return wait == nil
	}
}

func TestUpload_slowHandlerSlowsTheReader(t *testing.T) {
	for size, limit := range map[int]int{1: 10, 20 << 10: 4} { // bounded in items, or in bytes
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			release := make(chan struct{})
			f := flow{both: func(_ *hub.Context, b both) (all string, err error) {
				<-release
				for v, err := range b.Left.Values {
					if err != nil {
						return "", err
					}
					all += v[:1]
				}
				return all, nil
			}}
			flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
				release = make(chan struct{})
				p.say(t, `{"type":1,"invocationId":"1","target":"Both","arguments":[],"streamIds":["l","r"]}`)
				long := item("l", `"`+strings.Repeat("l", size)+`"`)
				var wait <-chan struct{}
				sent := 0
				for ; wait == nil && sent < 1000; sent++ {
					wait = p.say(t, long)
				}
				if sent != limit {
					t.Errorf("reading waits after %d items, want %d", sent, limit)
				}
				close(release)
				<-wait
				p.say(t, long, completion("l", ""))
				p.expect(t, completion("1", `"result":"`+strings.Repeat("l", sent+1)+`"`))
			})
		})
	}
}

func TestUpload_slowHandlerHidesNoCancel(t *testing.T) {
	f := flow{addUp: func(x *hub.Context, a addUp) (int, error) {
		<-x.Done() // and takes nothing
		return 0, x.Err()
	}}
	flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, addUpCall("s"))
		for i := range 100 {
			if wait := p.say(t, item("s", i)); wait != nil {
				<-wait // a second at most
			}
		}
		if wait := p.say(t, `{"type":5,"invocationId":"1"}`); !isClosed(wait) {
			t.Error("the upload is over, and reading waits for it")
		}
		p.expect(t, `{"type":6}`, `{"type":6}`, `{"type":6}`, `{"type":6}`, `{"type":6}`, `{"type":6}`, failed("1", hubFails))
	})
}

func TestUpload_readerWaitsForNoHandlerThatWaitsForTheClient(t *testing.T) {
	const both = `{"type":1,"invocationId":"1","target":"Both","arguments":[],"streamIds":["l","r"]}`
	flows(t, flow{}.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, both)
		for range 100 { // the handler wants the left ones
			if wait := p.say(t, item("r", `"r"`)); wait != nil {
				t.Fatal("reading waits while the handler waits for what comes")
			}
		}
		p.say(t, item("l", `"l"`), completion("r", ""), completion("l", ""))
		p.expect(t, completion("1", `"result":"l`+strings.Repeat("r", 100)+`"`))
	})
	asks := flow{addUp: func(x *hub.Context, a addUp) (int, error) {
		if _, err := hub.Invoke(x, x.Caller(), nameQuery, say{"who?"}); err != nil {
			return 0, err
		}
		return addsUp(x, a)
	}}
	flows(t, asks.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, addUpCall("s"))
		for range 100 {
			if wait := p.say(t, item("s", 1)); wait != nil {
				t.Fatal("reading waits while the hub waits for an answer")
			}
		}
		p.say(t, completion("s1", `"result":"ann"`), completion("s", ""))
		p.expect(t, asked("s1"), completion("1", `"result":200`))
	})
}

func TestUpload_whatItsHandlerGets(t *testing.T) {
	lost := errors.New("lost")
	rows := []struct {
		name string
		end  func(t *testing.T, p *peer)
		want error
	}{
		{"the link is lost", func(_ *testing.T, p *peer) { p.conn.LinkClosed(lost) }, hub.ErrClosed},
		{"the client leaves", func(t *testing.T, p *peer) { p.say(t, `{"type":7}`) }, hub.ErrClosed},
		{"the client's source fails", func(t *testing.T, p *peer) { p.say(t, failed("s", "no more")) }, nil},
		{"an item of the wrong type", func(t *testing.T, p *peer) { p.say(t, item("s", "[]")) }, wire.ErrType},
	}
	for _, row := range rows {
		for _, waits := range []bool{false, true} {
			t.Run(fmt.Sprint(row.name, ", the handler waits: ", waits), func(t *testing.T) {
				synctestTakes(t, func(p *peer, next chan<- struct{}, got <-chan any) {
					p.say(t, addUpCall("s"), item("s", 1), item("s", 2))
					if waits {
						for range 3 {
							next <- struct{}{}
							synctest.Wait()
						}
					}
					row.end(t, p)
					if !waits {
						// What had come before is still there.
						go func() {
							for range 3 {
								next <- struct{}{}
							}
						}()
					}
					if a, b := <-got, <-got; a != 1 || b != 2 {
						t.Errorf("got %v, %v", a, b)
					}
					err, _ := (<-got).(error)
					told := (*hub.ClientError)(nil)
					if row.want == nil && (!errors.As(err, &told) || told.Message != "no more") || row.want != nil && !errors.Is(err, row.want) {
						t.Errorf("got %v, want %v", err, row.want)
					}
				})
			})
		}
	}
}

func synctestTakes(t *testing.T, f func(p *peer, next chan<- struct{}, got <-chan any)) {
	var next chan struct{}
	var got chan any
	m := flow{addUp: func(x *hub.Context, a addUp) (int, error) { return takes(next, got)(x, a) }}.mux()
	flows(t, m, nil, func(_ *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		next, got = make(chan struct{}, 3), make(chan any, 3)
		f(p, next, got)
	})
}

func TestUpload_handlerThatTakesNoMore(t *testing.T) {
	var second error
	f := flow{addUp: func(x *hub.Context, a addUp) (int, error) {
		for v := range a.Items.Values {
			for _, err := range a.Items.Values {
				second = err
			}
			<-x.Done()
			return v, nil
		}
		return 0, nil
	}}
	flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, addUpCall("s"), item("s", 1))
		if second == nil || second.Error() != "an upload can be ranged over once" {
			t.Errorf("a second range: %v", second)
		}
	})
	returns := flow{addUp: func(_ *hub.Context, a addUp) (int, error) {
		for v := range a.Items.Values {
			return v, nil
		}
		return 0, nil
	}}
	flows(t, returns.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, addUpCall("s"), item("s", 7))
		p.expect(t, completion("1", `"result":7`))
		for range 1000 { // nobody takes them, and nothing waits for that
			if wait := p.say(t, item("s", 1)); wait != nil {
				t.Fatal("reading waits for an upload that is over")
			}
		}
		p.say(t, completion("s", ""))
		p.expect(t)
	})
}

func TestUpload_isDoneThoughItsClientLeaves(t *testing.T) {
	var sum int
	gone := make(chan struct{})
	m := flow{addUp: func(x *hub.Context, a addUp) (int, error) {
		<-time.After(time.Second)
		s, err := addsUp(x, a)
		sum = s
		return s, err
	}}.mux()
	m.OnDisconnect(func(*hub.Context, error) {
		if sum != 6 {
			t.Errorf("OnDisconnect ran before the call had ended: %d", sum)
		}
		close(gone)
	})
	flows(t, m, nil, func(t *testing.T, p *peer, _ func(string) *peer, core *hub.Core) {
		sum, gone = 0, make(chan struct{})
		p.say(t, addUpCall("s"), item("s", 1), item("s", 2), completion("s", ""), `{"type":7}`)
		p.conn.LinkClosed(nil)
		<-gone
		synctest.Wait()
		if n := core.Stats().Connections; n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

func TestUpload_neitherOrderNorItemsAreLost(t *testing.T) {
	const items = 2000
	var got []int
	f := flow{addUp: func(_ *hub.Context, a addUp) (int, error) {
		for v, err := range a.Items.Values {
			if err != nil {
				return 0, err
			}
			got = append(got, v)
		}
		return len(got), nil
	}}
	flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		got = nil
		p.say(t, addUpCall("s"))
		for i := range items {
			wait, err := p.conn.Receive([]byte(item("s", i) + rs))
			if err != nil {
				t.Fatal(err)
			}
			if wait != nil {
				<-wait
			}
		}
		p.say(t, completion("s", ""))
		p.expect(t, completion("1", fmt.Sprintf(`"result":%d`, items)))
		for i, v := range got {
			if v != i {
				t.Fatalf("item %d is %d", i, v)
			}
		}
	})
}
