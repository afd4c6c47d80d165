package hub_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
)

const ask = `{"type":1,"invocationId":"7","target":"Ask","arguments":["who?"]}`

func asked(id string) string {
	return `{"type":1,"invocationId":"` + id + `","target":"name","arguments":["who?"]}`
}

func TestInvoke_insideAHandlerOfTheSameClient(t *testing.T) {
	rows := []struct{ name, answer, see string }{
		{"an answer", completion("s1", `"result":"ann"`), completion("7", `"result":"ann"`)},
		{"an error", failed("s1", "Error: from callback"), failed("7", "An unexpected error occurred invoking 'Ask' on the server. HubException: Error: from callback")},
		{"no result", completion("s1", ""), failed("7", "An unexpected error occurred invoking 'Ask' on the server.")},
		{"another type", completion("s1", `"result":{"a":1}`), failed("7", "An unexpected error occurred invoking 'Ask' on the server.")},
	}
	f := flow{ask: func(x *hub.Context, text string) (string, error) {
		return hub.Invoke(x, x.Caller(), nameQuery, say{text})
	}}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			flows(t, f.mux(), nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
				p.say(t, ask)
				p.expect(t, asked("s1"))
				p.say(t, row.answer)
				p.expect(t, row.see)
				p.say(t, row.answer) // a second answer is nothing
				p.expect(t)
			})
		})
	}
}

func TestInvoke_answeredByAnotherConnection(t *testing.T) {
	flows(t, flow{}.mux(), nil, func(t *testing.T, p *peer, open func(string) *peer, _ *hub.Core) {
		other := open("other")
		p.say(t, ask)
		p.expect(t, asked("s1"))
		other.say(t, completion("s1", `"result":"mallory"`))
		p.expect(t)
		p.say(t, completion("s1", `"result":"ann"`))
		p.expect(t, completion("7", `"result":"ann"`))
		other.expect(t)
	})
}

func TestInvoke_severalAtOnceFromOutside(t *testing.T) {
	m := flow{}.mux()
	flows(t, m, nil, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		got := make(chan string, 2)
		for range 2 {
			go func() {
				name, err := hub.Invoke(t.Context(), m.Client("p"), nameQuery, say{"who?"})
				if err != nil {
					t.Error(err)
				}
				got <- name
			}()
			synctest.Wait() // the first is asked first
		}
		p.expect(t, asked("s1"), asked("s2"))
		p.say(t, completion("s2", `"result":"second"`))
		if name := <-got; name != "second" {
			t.Errorf("got %q first", name)
		}
		p.say(t, completion("s1", `"result":"first"`))
		if name := <-got; name != "first" {
			t.Errorf("got %q then", name)
		}
	})
}

func TestInvoke_refuses(t *testing.T) {
	m := flow{}.mux()
	m.OnConnect(func(x *hub.Context) error {
		if _, err := hub.Invoke(x, x.Caller(), nameQuery, say{}); !errors.Is(err, hub.ErrConnecting) {
			t.Errorf("inside OnConnect: %v", err)
		} else if want := "Client results inside OnConnectedAsync Hub methods are not allowed."; err.Error() != want {
			t.Errorf("inside OnConnect it says %q, want %q", err, want)
		}
		return nil
	})
	var foreign hub.Target
	flows(t, m, &hub.Options{StreamLimit: 2}, func(t *testing.T, p *peer, _ func(string) *peer, _ *hub.Core) {
		for name, row := range map[string]struct {
			to   hub.Target
			want error
		}{
			"everybody":   {m.All(), hub.ErrNotOneClient},
			"a user":      {m.User("ann"), hub.ErrNotOneClient},
			"two clients": {m.Clients("p", "q"), hub.ErrNotOneClient},
			"nobody":      {m.Client("nobody"), hub.ErrUnknownConnection},
			"nothing":     {foreign, hub.ErrNotMounted},
		} {
			if _, err := hub.Invoke(t.Context(), row.to, nameQuery, say{}); !errors.Is(err, row.want) {
				t.Errorf("%s: %v, want %v", name, err, row.want)
			}
		}
		if _, err := hub.Invoke(ended(t), m.Client("p"), nameQuery, say{}); !errors.Is(err, context.Canceled) {
			t.Errorf("an ended context: %v", err)
		}
		p.expect(t)
		late := make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go func() {
			_, err := hub.Invoke(ctx, m.Client("p"), nameQuery, say{"who?"})
			late <- err
		}()
		synctest.Wait()
		go func() {
			_, err := hub.Invoke(t.Context(), m.Client("p"), nameQuery, say{"who?"})
			late <- err
		}()
		synctest.Wait()
		p.expect(t, asked("s1"), asked("s2"))
		if _, err := hub.Invoke(t.Context(), m.Client("p"), nameQuery, say{}); !errors.Is(err, hub.ErrTooManyQueries) {
			t.Errorf("the third of two: %v", err)
		}
		if err := <-late; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after the deadline: %v", err)
		}
		p.say(t, completion("s1", `"result":"late"`)) // nothing
		p.conn.LinkClosed(errors.New("lost"))
		if err := <-late; !errors.Is(err, hub.ErrClosed) {
			t.Errorf("the client is gone: %v", err)
		}
		if got := p.seen(); got != "" && !strings.Contains(got, `"type":6`) {
			t.Errorf("saw %q", got)
		}
	})
}
