package hub_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

func TestAnswers_waitForTheirReader(t *testing.T) {
	f := flow{wait: func(*hub.Context) error { return nil }}
	flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		empty := p.fill()
		p.say(t, stream("1", `3,""`))
		p.say(t, `{"type":1,"invocationId":"2","target":"Wait","arguments":[]}`)
		p.say(t, `{"type":1,"invocationId":"3","target":"Nope","arguments":[]}`)
		p.expect(t)
		if p.isClosed() {
			t.Fatalf("closed: %+v", p.why())
		}
		empty()
		synctest.Wait()
		got := p.seen()
		ofStream := []string{item("1", 0), item("1", 1), item("1", 2), completion("1", "")}
		ofQueue := []string{completion("2", `"result":null`), failed("3", "Unknown hub method 'Nope'")}
		if n := strings.Count(got, rs); n != 6 || !inOrder(got, ofStream) || !inOrder(got, ofQueue) {
			t.Errorf("saw %q, want %q and %q", got, ofStream, ofQueue)
		}
	})
}

// inOrder tells whether the records are in got, in that order.
func inOrder(got string, records []string) bool {
	for _, record := range records {
		i := strings.Index(got, record)
		if i < 0 {
			return false
		}
		got = got[i+len(record):]
	}
	return true
}

func TestAnswers_aPublishDoesNotWait(t *testing.T) {
	m := flow{}.mux()
	flows(t, m, nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.fill()
		p.say(t, stream("1", `3,""`))
		if err := hub.Publish(t.Context(), m.All(), flowEvent, say{"news"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !p.isClosed() || p.why().Text != "slow consumer" {
			t.Errorf("closed %v, %+v", p.isClosed(), p.why())
		}
	})
}

func TestAnswers_cancelEndsTheWait(t *testing.T) {
	var stopped bool
	f := flow{count: func(*hub.Context, count) items {
		return func(yield func(int, error) bool) { stopped = !yield(1, nil) }
	}}
	flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, core *hub.Core) {
		stopped = false
		empty := p.fill()
		p.say(t, stream("1", `3,""`))
		p.say(t, `{"type":5,"invocationId":"1"}`)
		if !stopped {
			t.Error("a cancel did not reach a stream that waits for room")
		}
		p.expect(t)
		empty()
		synctest.Wait()
		p.expect(t, completion("1", ""))

		stopped = false
		p.fill()
		p.say(t, stream("1", `3,""`))
		p.conn.LinkClosed(errors.New("lost"))
		synctest.Wait()
		if !stopped || core.Stats().Connections != 0 {
			t.Errorf("stopped %v, %d connections left", stopped, core.Stats().Connections)
		}
	})
}

func TestAnswers_aQueryWaitsForRoomAsLongAsItsContext(t *testing.T) {
	m := flow{}.mux()
	flows(t, m, nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		p.fill()
		if _, err := hub.Invoke(soon(t), m.Client("p"), nameQuery, say{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		p.expect(t)
	})
}

// What a method says comes before what it returns, whoever asks for it.
func TestOrder_pushesBeforeTheCompletion(t *testing.T) {
	m := hub.New(talkAPI)
	hub.Handle(m, sayMethod, func(x *hub.Context, s say) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.All(), heardEvent, s)
	})
	hub.Handle(m, addMethod, func(*hub.Context, add) (sum, error) { return sum{}, nil })
	hub.Handle(m, add3Method, func(*hub.Context, add3) (sum, error) { return sum{}, nil })
	hub.Handle(m, runMethod, func(*hub.Context, contract.None) (contract.None, error) { return contract.None{}, nil })
	bubble(t, m, nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		for range 1000 {
			p.say(t, `{"type":1,"invocationId":"1","target":"Say","arguments":["x"]}`)
			p.expect(t, `{"type":1,"target":"heard","arguments":["x"]}`, completion("1", `"result":null`))
		}
	})
}
