package hub_test

import (
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
)

func stream(id, arguments string) string {
	return `{"type":4,"invocationId":"` + id + `","target":"Count","arguments":[` + arguments + `]}`
}

func TestStream_whatItsClientSees(t *testing.T) {
	const broke = "An error occurred on the server while streaming results."
	const failing = "An unexpected error occurred invoking 'Count' on the server."
	rows := []struct {
		name, arguments string
		see             []string
		detailed        string // what DetailedErrors adds to the last error
	}{
		{"items", `3,""`, []string{item("1", 0), item("1", 1), item("1", 2), completion("1", "")}, ""},
		{"none", `0,""`, []string{completion("1", "")}, ""},
		{"a public error", `1,"public"`, []string{item("1", 0), failed("1", broke+" HubException: no more")}, ""},
		{"an error that stays inside", `1,"plain"`, []string{item("1", 0), failed("1", broke)}, " Error: the disk is full"},
		{"a panic", `1,"panic"`, []string{item("1", 0), failed("1", broke)}, " Error: the handler panicked"},
		{"a panic before the first item", `1,"panic first"`, []string{failed("1", failing)}, " Error: the handler panicked"},
		{"one that does not begin", `1,"refuse"`, []string{failed("1", failing+" HubException: not today")}, ""},
		{"no iterator", `1,"nil"`, []string{failed("1", "The value returned by the streaming method 'Count' is not a ChannelReader<> or IAsyncEnumerable<>.")}, ""},
		{"pushes come before the item that follows", `2,"push"`, []string{
			`{"type":1,"target":"heard","arguments":["0"]}`, item("1", 0),
			`{"type":1,"target":"heard","arguments":["1"]}`, item("1", 1), completion("1", ""),
		}, ""},
		{"too few arguments", `1`, []string{failed("1", "Failed to invoke 'Count' due to an error on the server.")},
			" InvalidDataException: Invocation provides 1 argument(s) but target expects 2."},
	}
	for _, row := range rows {
		for _, detailed := range []bool{false, true} {
			t.Run(row.name, func(t *testing.T) {
				flows(t, flow{}.mux(), &hub.Options{DetailedErrors: detailed}, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
					p.say(t, stream("1", row.arguments))
					see := append([]string(nil), row.see...)
					if last := &see[len(see)-1]; detailed {
						*last = strings.TrimSuffix(*last, `"}`) + strings.Repeat(row.detailed+`"}`, strings.Count(*last, `"}`))
					}
					p.expect(t, see...)
					p.say(t, stream("1", `1,""`)) // the id is free again, and the connection lives
					p.expect(t, item("1", 0), completion("1", ""))
				})
			})
		}
	}
}

func TestStream_calledAsAMethod(t *testing.T) {
	flows(t, flow{}.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, `{"type":1,"invocationId":"1","target":"count","arguments":[1,""]}`, `{"type":1,"target":"count","arguments":[1,""]}`)
		p.expect(t, failed("1", "The client attempted to invoke the streaming 'count' method with a non-streaming invocation."))
		p.say(t, `{"type":4,"invocationId":"1","target":"wait","arguments":[]}`)
		p.expect(t, failed("1", "The client attempted to invoke the non-streaming 'wait' method with a streaming invocation."))
	})
}

func TestStream_cancelIsAnswered(t *testing.T) {
	var stopped int
	f := flow{count: func(x *hub.Context, c count) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			yield(1, nil)
			<-x.Done()
			if !yield(2, nil) {
				stopped++
			}
		}
	}}
	flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, core *hub.Core) {
		p.say(t, stream("1", `1,""`))
		p.say(t, stream("2", `1,""`))
		p.say(t, stream("1", `1,""`))
		p.expect(t, item("1", 1), item("2", 1), failed("1", "Invocation ID '1' is already in use."))
		p.say(t, `{"type":5,"invocationId":"1"}`, `{"type":5,"invocationId":"1"}`)
		p.expect(t, completion("1", ""))
		if stopped != 1 {
			t.Errorf("%d of 2 iterators were stopped, want the one that was cancelled", stopped)
		}
		p.say(t, `{"type":7}`)
		synctest.Wait()
		if stopped != 2 || core.Stats().Connections != 0 {
			t.Errorf("%d of 2 iterators were stopped, %d connections are left", stopped, core.Stats().Connections)
		}
	})
}

// In ASP.NET Core a stream that is cancelled at once still runs, with its token
// cancelled, and its hub may tell of that.
func TestStream_cancelledBeforeItBegan(t *testing.T) {
	var release chan struct{} // made in the bubble
	var told []string
	f := flow{
		wait: func(*hub.Context) error { <-release; return nil },
		count: func(x *hub.Context, c count) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				told = append(told, c.How+" ends with "+x.Err().Error())
				if yield(1, nil) {
					t.Error("an item of it was sent")
				}
			}
		},
	}
	flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		release = make(chan struct{})
		p.say(t, `{"type":1,"invocationId":"1","target":"Wait","arguments":[]}`,
			stream("2", `1,"it"`), `{"type":5,"invocationId":"2"}`)
		p.expect(t)
		close(release)
		synctest.Wait()
		p.expect(t, completion("1", `"result":null`), completion("2", ""))
		if want := []string{"it ends with context canceled"}; !slices.Equal(told, want) {
			t.Errorf("the handler tells %q, want %q", told, want)
		}
	})
}

func TestStream_leavesTheQueueToOthers(t *testing.T) {
	flows(t, flow{wait: func(*hub.Context) error { return nil }}.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.say(t, stream("1", `1,"wait"`))
		p.say(t, stream("2", `1,"wait"`))
		p.say(t, `{"type":1,"invocationId":"3","target":"Wait","arguments":[]}`)
		p.expect(t, item("1", 0), item("2", 0), completion("3", `"result":null`))
		p.say(t, `{"type":5,"invocationId":"2"}`)
		p.say(t, `{"type":5,"invocationId":"1"}`)
		p.expect(t, completion("2", ""), completion("1", ""))
	})
}
