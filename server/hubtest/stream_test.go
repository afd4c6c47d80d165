package hubtest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

func TestOpen_items(t *testing.T) {
	c := hubtest.New(t, newTalk()).Connect(hub.Principal{})
	var got []int
	for i, err := range hubtest.Open(t.Context(), c, count, line{"abc"}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, i)
	}
	if !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("got %v", got)
	}
}

func TestOpen_errors(t *testing.T) {
	h := hubtest.New(t, newTalk())
	c := h.Connect(hub.Principal{})
	items := 0
	for _, err := range hubtest.Open(t.Context(), c, count, line{"ab!c"}) {
		if err == nil {
			items++
			continue
		}
		var public *hub.Error
		if !errors.As(err, &public) || public.Message != "no shouting" || items != 2 {
			t.Errorf("after %d items: %v", items, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range hubtest.Open(ctx, c, count, line{}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a context that has ended: %v", err)
		}
	}
	h.Settle() // the hub was told
	c.Close()
	for _, err := range hubtest.Open(t.Context(), c, count, line{"a"}) {
		if !errors.Is(err, hubtest.ErrClosed) {
			t.Errorf("a closed connection: %v", err)
		}
	}
}

func TestOpen_leftEarlyIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hubtest.New(t, newTalk())
		c := h.Connect(hub.Principal{})
		for range hubtest.Open(t.Context(), c, upper, pieces{Pieces: hubtest.Values("a", "b")}) {
			break
		}
		h.Settle()
		go func() {
			synctest.Wait()
			c.Close()
		}()
		for _, err := range hubtest.Open(t.Context(), c, count, line{}) {
			if !errors.Is(err, hubtest.ErrClosed) {
				t.Errorf("a connection that closes: %v", err)
			}
		}
	})
}

func TestCall_withUploads(t *testing.T) {
	h := hubtest.New(t, newTalk())
	c := h.Connect(hub.Principal{})
	failing := contract.Upload[string]{Values: func(yield func(string, error) bool) {
		if yield("a", nil) {
			yield("", errors.New("the file is gone"))
		}
	}}
	many := make([]string, 1000)
	for _, row := range []struct {
		name   string
		pieces contract.Upload[string]
		want   string
		err    string
	}{
		{"some", hubtest.Values("a", "b", "c"), "a-b-c", ""},
		{"none", contract.Upload[string]{}, "", ""},
		{"more than is taken", hubtest.Values(append([]string{"a", "stop"}, many...)...), "a", ""},
		{"a source that fails", failing, "", "the client says: the file is gone"},
		{"text that cannot travel", hubtest.Values("\xff"), "", "the client says: the text is not valid UTF-8"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := hubtest.Call(t.Context(), c, join, pieces{"-", row.pieces})
			var public *hub.Error
			if errors.As(err, &public) != (row.err != "") || public != nil && public.Message != row.err || got != row.want {
				t.Errorf("got %q, %v; want %q, %q", got, err, row.want, row.err)
			}
		})
	}
	h.Settle()
	if err := hubtest.Send(c, join, pieces{"-", hubtest.Values("a")}); err != nil {
		t.Error(err)
	}
	h.Settle()
}

func TestOpen_withUploads(t *testing.T) {
	c := hubtest.New(t, newTalk()).Connect(hub.Principal{})
	var got []string
	for s, err := range hubtest.Open(t.Context(), c, upper, pieces{Pieces: hubtest.Values("a", "b")}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	if !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("got %v", got)
	}
}

func TestHandle_answersTheHub(t *testing.T) {
	h := hubtest.New(t, newTalk())
	c := h.Connect(hub.Principal{})
	expect := func(text, want, wrong string) {
		t.Helper()
		got, err := hubtest.Call(t.Context(), c, ask, line{text})
		var public *hub.Error
		if errors.As(err, &public) != (wrong != "") || public != nil && public.Message != wrong || got != want {
			t.Errorf("%q: %q, %v; want %q, %q", text, got, err, want, wrong)
		}
	}
	const silent = "Client didn't provide a result."
	expect("who?", "", silent)
	off := hubtest.Handle(c, name, func(_ context.Context, l line) (string, error) {
		if l.Text == "" {
			return "", errors.New("from callback")
		}
		return l.Text + " Ann", nil
	})
	expect("who?", "who? Ann", "")
	expect("", "", "from callback")
	other := hubtest.Handle(c, name, func(context.Context, line) (string, error) { return "\xff", nil })
	expect("who?", "", "the text is not valid UTF-8")
	off() // which is not the handler any more
	expect("who?", "", "the text is not valid UTF-8")
	other()
	expect("who?", "", silent)
}
