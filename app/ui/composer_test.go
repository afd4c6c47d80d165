package ui_test

import (
	"context"
	"errors"
	"testing"

	"partline.dev/app/ui"
	client "partline.dev/wasmclient"
)

func TestComposer_isLabelled(t *testing.T) {
	s := show(t, &ui.Composer{})
	s.has(t,
		`for="message"`, `>Message</label>`, `id="message"`,
		`placeholder="Write a message"`, `>Send</button>`, `enterkeyhint="send"`,
		// The region is there before there is anything to say.
		`role="alert"`, `id="message-problem"`,
	)
	s.hasNot(t, "aria-invalid", "aria-describedby")
}

func TestComposer_saysWhatItIsFor(t *testing.T) {
	s := show(t, &ui.Composer{ID: "item", Label: "What we need", Hint: "Milk", Button: "Add", Max: 80})
	s.has(t, `for="item"`, ">What we need</label>", `placeholder="Milk"`, ">Add</button>", `maxlength="80"`, `id="item-problem"`)
}

// What is typed into the page that the server sent would be lost.
func TestComposer_cannotBeUsedBeforeTheProgramRuns(t *testing.T) {
	s := show(t, &ui.Composer{})
	if n := count(s.html(), " disabled"); n != 2 {
		t.Errorf("%d of box and button are disabled", n)
	}
}

func TestComposer_sends(t *testing.T) {
	var sent []string
	c := &ui.Composer{Send: func(_ context.Context, text string) error {
		sent = append(sent, text)
		return nil
	}}
	s := show(t, c)
	for _, text := range []string{"", " ", "\t\u00a0\u3000"} {
		c.Submit(s.ctx, text)
		s.settle()
	}
	if len(sent) != 0 {
		t.Fatalf("sent an empty text: %q", sent)
	}
	c.Submit(s.ctx, " hello ")
	s.settle()
	if len(sent) != 1 || sent[0] != " hello " {
		t.Errorf("sent %q", sent)
	}
}

func TestComposer_withoutSendDoesNothing(t *testing.T) {
	c := &ui.Composer{}
	s := show(t, c)
	c.Submit(s.ctx, "hello")
	s.settle()
}

func TestComposer_saysWhyItFailed(t *testing.T) {
	var fail error
	c := &ui.Composer{ID: "say", Send: func(context.Context, string) error { return fail }}
	s := show(t, c)
	for _, e := range []struct {
		err  error
		want string
	}{
		{client.ErrNotConnected, "Not sent: there is no connection to the hub. Your text is still here"},
		{client.ErrNotConfirmed, "Not confirmed: the connection was lost"},
		{client.ErrTooLarge, "Not sent: it is longer than the hub takes."},
		{&client.Error{Message: "not so <fast>"}, "The hub refused it: not so &lt;fast&gt;"},
		{errors.New("dial tcp 10.1.2.3: secret"), "That did not work. Please try again."},
	} {
		fail = e.err
		c.Submit(s.ctx, "hello")
		s.settle()
		s.has(t, e.want, `aria-describedby="say-problem"`, "aria-invalid")
		s.hasNot(t, "secret")
	}
	fail = nil
	c.Submit(s.ctx, "hello")
	s.settle()
	s.hasNot(t, "Please try again", "aria-describedby", "aria-invalid")
}

func TestComposer_sendsOneTextAtATime(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	var sent []string
	c := &ui.Composer{Send: func(_ context.Context, text string) error {
		sent = append(sent, text)
		close(begun)
		<-goOn
		return nil
	}}
	s := show(t, c)
	c.Submit(s.ctx, "first")
	<-begun
	c.Submit(s.ctx, "second")
	close(goOn)
	s.settle()
	if len(sent) != 1 {
		t.Errorf("sent %q", sent)
	}
}

func TestComposer_givesUpWhenItLeavesThePage(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	c := &ui.Composer{Send: func(ctx context.Context, _ string) error {
		close(begun)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}}
	s := show(t, c)
	c.Submit(s.ctx, "hello")
	<-begun
	c.OnDismount()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v", err)
	}
	s.settle()
}

func TestRest_keepsWhatWasTypedMeanwhile(t *testing.T) {
	for _, e := range []struct{ now, sent, want string }{
		{"hello", "hello", ""},
		{"hello world", "hello", " world"},
		{"other", "hello", "other"},
		{"", "hello", ""},
	} {
		if got := ui.Rest(e.now, e.sent); got != e.want {
			t.Errorf("of %q without %q remains %q", e.now, e.sent, got)
		}
	}
}
