package main_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partline.dev/examples/support"
	"partline.dev/internal/testkit/example"
	client "partline.dev/wasmclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The program itself, as its readers start it.
func TestServer(t *testing.T) {
	s := example.Start(t, "partline.dev/examples/support/server", t.TempDir())
	defer http.DefaultClient.CloseIdleConnections()
	for token, want := range map[string]int{"": 401, "eve": 401, "ann": 200} {
		r, err := http.NewRequest(http.MethodPost, s.URL+"/hubs/support/negotiate?negotiateVersion=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%q is answered with %s", token, answer.Status)
		}
	}

	const guard = 30 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	defer cancel()
	token := func(context.Context) (string, error) { return "bob", nil }
	c, err := client.Dial(ctx, s.URL+"/hubs/support", support.Hub, &client.Options{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	heard := make(chan support.Said, 1)
	client.On(c, support.Message, func(said support.Said) { heard <- said })
	if _, err := client.Call(ctx, c, support.Say, support.Line{Room: "lobby", Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-heard:
		if want := (support.Said{Room: "lobby", From: "bob", Text: "hello"}); got != want {
			t.Errorf("the lobby hears %v", got)
		}
	case <-ctx.Done():
		t.Error("the lobby hears nothing")
	}
	if _, err := client.Call(ctx, c, support.CloseRoom, support.Room{Name: "lobby"}); err == nil || !strings.Contains(err.Error(), "because user is unauthorized") {
		t.Errorf("a customer closes the lobby: %v", err)
	}
}
