package hubtest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

func TestCall_answersAndEverybodyHears(t *testing.T) {
	h := hubtest.New(t, newTalk())
	ann, bob := h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{})
	answer, err := hubtest.Call(t.Context(), ann, say, line{"hello"})
	if err != nil || answer.Text != "you said hello" {
		t.Errorf("answer %q, %v", answer.Text, err)
	}
	for name, c := range map[string]*hubtest.Client{"ann": ann, "bob": bob} {
		if got := hubtest.Heard(t, c, told); len(got) != 1 || got[0].Text != "hello" {
			t.Errorf("%s heard %v", name, got)
		}
		if got := hubtest.Heard(t, c, told); len(got) != 0 {
			t.Errorf("%s heard it twice", name)
		}
	}
}

func TestCall_errors(t *testing.T) {
	for text, want := range map[string]struct{ public, says string }{
		"":      {"say something", "HubException: say something"},
		"fail":  {"", "the disk is full"},
		"panic": {"", "An unexpected error occurred invoking 'say'"},
	} {
		c := hubtest.New(t, newTalk()).Connect(hub.Principal{})
		_, err := hubtest.Call(t.Context(), c, say, line{text})
		if err == nil || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%q: %v, want it to say %q", text, err, want.says)
		}
		var public *hub.Error
		if errors.As(err, &public) != (want.public != "") || public != nil && public.Message != want.public {
			t.Errorf("%q: the error that the handler meant for its caller is %v, want %q", text, public, want.public)
		}
	}
}

func TestCall_endsWithItsContext(t *testing.T) {
	h := hubtest.New(t, newTalk())
	c := h.Connect(hub.Principal{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := hubtest.Call(ctx, c, hangs, contract.None{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	h.Settle() // the hub was told, too
}

func TestCall_onAClosedConnection(t *testing.T) {
	c := hubtest.New(t, newTalk()).Connect(hub.Principal{})
	_, err := hubtest.Call(t.Context(), c, say, line{"abort"})
	if !errors.Is(err, hubtest.ErrClosed) {
		t.Errorf("a call whose handler ends the connection: %v", err)
	}
	if reason, closed := c.Closed(); !closed || reason.Text != "aborted by the hub" {
		t.Errorf("closed %v, %v", closed, reason)
	}
	if _, err := hubtest.Call(t.Context(), c, say, line{"hello"}); !errors.Is(err, hubtest.ErrClosed) {
		t.Errorf("the next call: %v", err)
	}
	if err := hubtest.Send(c, say, line{"hello"}); !errors.Is(err, hubtest.ErrClosed) {
		t.Errorf("the next send: %v", err)
	}
}

func TestSend_isDoneAfterSettle(t *testing.T) {
	h := hubtest.New(t, newTalk())
	c := h.Connect(hub.Principal{})
	for _, text := range []string{"one", "", "two"} {
		if err := hubtest.Send(c, say, line{text}); err != nil {
			t.Fatal(err)
		}
	}
	h.Settle()
	if got := hubtest.Heard(t, c, told); len(got) != 2 || got[0].Text != "one" || got[1].Text != "two" {
		t.Errorf("heard %v", got)
	}
}

func TestAwaitClose_whatAClientIsTold(t *testing.T) {
	h := hubtest.New(t, newTalk())
	var public *hub.Error
	if err := hubtest.AwaitClose(t, h.Connect(hub.Principal{ID: "mallory"})); !errors.As(err, &public) || public.Message != "not you" {
		t.Errorf("an OnConnect that refuses: %v", err)
	}
	if err := hubtest.AwaitClose(t, h.Connect(hub.Principal{ID: "nobody"})); err == nil || errors.As(err, &public) {
		t.Errorf("an OnConnect that fails: %v", err)
	}
	ann := h.Connect(hub.Principal{ID: "ann"})
	ann.Close()
	if err := hubtest.AwaitClose(t, ann); err != nil {
		t.Errorf("a client that leaves: %v", err)
	}
}

func TestSettle_waitsForOnDisconnect(t *testing.T) {
	h := hubtest.New(t, newTalk())
	ann, bob := h.Connect(hub.Principal{Name: "Ann"}), h.Connect(hub.Principal{Name: "Bob"})
	ann.Close()
	h.Settle()
	if got := hubtest.Heard(t, bob, left); len(got) != 1 || got[0].Text != "Ann" {
		t.Errorf("bob heard %v", got)
	}
}

func TestAwait_inABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hubtest.New(t, newTalk())
		c := h.Connect(hub.Principal{})
		go func() { _, _ = hubtest.Call(t.Context(), c, say, line{"hello"}) }()
		if got := hubtest.Await(t, c, told); got.Text != "hello" {
			t.Errorf("heard %q", got.Text)
		}
	})
}

// What can never come fails the test that waits for it, and says what it was.
func TestHelpers_failTheTest(t *testing.T) {
	for want, test := range map[string]func(t testing.TB){
		"hub talk: method say has no handler": func(t testing.TB) { hubtest.New(t, hub.New(api)) },
		"name":                                func(t testing.TB) { hubtest.New(t, newTalk()).Connect(hub.Principal{ID: strings.Repeat("x", 1000)}) },
		"no event told in 15s": func(t testing.TB) {
			hubtest.Await(t, hubtest.New(t, newTalk()).Connect(hub.Principal{}), told)
		},
		"there is no event told, and the connection is closed": func(t testing.TB) {
			c := hubtest.New(t, newTalk()).Connect(hub.Principal{})
			c.Close()
			hubtest.Await(t, c, told)
		},
		"the hub has not closed the connection in 15s": func(t testing.TB) {
			_ = hubtest.AwaitClose(t, hubtest.New(t, newTalk()).Connect(hub.Principal{}))
		},
		"a handler still runs after 15s": func(t testing.TB) {
			h := hubtest.New(t, newTalk())
			if err := hubtest.Send(h.Connect(hub.Principal{}), hangs, contract.None{}); err != nil {
				t.Fatal(err)
			}
			h.Settle()
		},
	} {
		synctest.Test(t, func(t *testing.T) { // where 15 seconds are none
			if said := new(fakeTest).run(test); !strings.Contains(said, want) {
				t.Errorf("the test failed with %q, want %q", said, want)
			}
		})
	}
}

func TestNew_showsWhatTheHubLogs(t *testing.T) {
	f := new(fakeTest)
	f.run(func(t testing.TB) {
		c := hubtest.New(t, newTalk()).Connect(hub.Principal{})
		_, _ = hubtest.Call(context.Background(), c, say, line{"panic"})
	})
	if !strings.Contains(f.logged.String(), "talk_test.go") {
		t.Errorf("the stack of a panic is not in the test's output: %s", f.logged.String())
	}
}

func TestLose_isHeardAsAnError(t *testing.T) {
	m := hub.New(contract.NewAPI(talk))
	var gone error
	m.OnDisconnect(func(_ *hub.Context, err error) { gone = err })
	h := hubtest.New(t, m)
	c := h.Connect(hub.Principal{})
	c.Lose()
	h.Settle()
	if _, closed := c.Closed(); !closed || gone == nil {
		t.Errorf("closed: %v, and OnDisconnect heard %v", closed, gone)
	}
}
