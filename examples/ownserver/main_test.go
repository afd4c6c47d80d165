package main_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partline.dev/internal/testkit/example"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

const guard = 30 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The program itself, as its readers start it.
func TestOwnserver(t *testing.T) {
	s := example.Start(t, "partline.dev/examples/ownserver", t.TempDir())
	t.Run("the log-in stands before every address", func(t *testing.T) { testLogIn(t, s) })
	t.Run("the hub refuses who did not log in", func(t *testing.T) { testRefused(t, s) })
	t.Run("users speak under their own names", func(t *testing.T) { testNames(t, s) })
	t.Run("it ends while clients are connected", func(t *testing.T) {
		dial(t, s, as("ann", "apple"))
		if err := s.Stop(); err != nil {
			t.Errorf("asked to end, the server ended with %v", err)
		}
	})
}

// as is the header by which somebody logs in.
func as(user, password string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}}
}

func testLogIn(t *testing.T, s *example.Server) {
	defer http.DefaultClient.CloseIdleConnections()
	for _, path := range []string{"/", "/realtime", "/realtime/negotiate?negotiateVersion=1"} {
		for _, row := range []struct {
			name   string
			header http.Header
			in     bool
		}{
			{"nobody", nil, false},
			{"ann with a wrong password", as("ann", "banana"), false},
			{"ann without a password", as("ann", ""), false},
			{"a stranger without a password", as("eve", ""), false},
			{"ann", as("ann", "apple"), true},
		} {
			request, err := http.NewRequest(http.MethodPost, s.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header = row.header
			r, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Body.Close()
			if in := r.StatusCode != http.StatusUnauthorized; in != row.in {
				t.Errorf("%s at %s: %s", row.name, path, r.Status)
			}
			if path == "/" && row.in && string(body) != "Hello ann, the hub is at /realtime.\n" {
				t.Errorf("the server's own page is %q", body)
			}
		}
	}
}

func testRefused(t *testing.T, s *example.Server) {
	c := client.New(s.URL+"/realtime", connected.Hub, nil)
	refused := make(chan error, 1)
	c.Watch(func(now client.State) {
		if now.Err != nil {
			select {
			case refused <- now.Err:
			default: // it tries again and again
			}
		}
		if now.Phase == client.Connected {
			t.Error("it is connected")
		}
	})
	ran := make(chan error, 1)
	go func() { ran <- c.Run(context.Background()) }()
	select {
	case err := <-refused:
		if !strings.Contains(err.Error(), "(401): Please log in.") {
			t.Errorf("refused with: %v", err)
		}
	case <-time.After(guard):
		t.Error("neither connected nor refused")
	}
	_ = c.Close()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}

func testNames(t *testing.T, s *example.Server) {
	ann, bob := dial(t, s, as("ann", "apple")), dial(t, s, as("bob", "banana"))
	heard := make(chan connected.Broadcast, 10)
	client.On(bob, connected.BroadcastMessage, func(b connected.Broadcast) { heard <- b })
	if _, err := client.Call(t.Context(), ann, connected.SendMethod, connected.Send{Name: "bob", Message: "I owe ann 5"}); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-heard:
		if want := (connected.Broadcast{Name: "ann", Message: "I owe ann 5"}); got != want {
			t.Errorf("bob hears %v, want %v", got, want)
		}
	case <-time.After(guard):
		t.Fatal("bob hears nothing")
	}
}

func dial(t *testing.T, s *example.Server, header http.Header) *client.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	defer cancel()
	c, err := client.Dial(ctx, s.URL+"/realtime", connected.Hub, &client.Options{Header: header})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
