package main

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partline.dev/examples/list"
	"partline.dev/internal/testkit/example"
	client "partline.dev/wasmclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The program itself, as its readers start it, and two clients who share the list.
func TestServer_oneListForTwo(t *testing.T) {
	s := example.Start(t, "partline.dev/examples/list/server", t.TempDir())
	ann, bob := connect(t, s.URL), connect(t, s.URL)
	ann.put(list.Item{Name: "milk"})
	bob.sees(list.Item{Name: "milk"})
	bob.put(list.Item{Name: "milk", Done: true})
	ann.sees(list.Item{Name: "milk", Done: true})

	if page := get(t, s.URL+"/"); !strings.Contains(page, `href="/parts/list"`) {
		t.Errorf("the server does not list its part:\n%s", page)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("asked to end, the server ended with %v", err)
	}
}

// shopper is a client and what it hears.
type shopper struct {
	t      *testing.T
	client *client.Client
	heard  chan list.Items
}

// connect returns a client that has heard what is on the list, which is nothing.
func connect(t *testing.T, url string) *shopper {
	t.Helper()
	s := &shopper{t, client.New(url+"/hubs/list", list.Hub, nil), make(chan list.Items, 10)}
	client.On(s.client, list.Changed, func(now list.Items) { s.heard <- now })
	ran := make(chan error, 1)
	go func() { ran <- s.client.Run(context.Background()) }()
	t.Cleanup(func() {
		_ = s.client.Close()
		if err := <-ran; err != nil {
			t.Errorf("the client ended with %v", err)
		}
	})
	s.sees()
	return s
}

func (s *shopper) put(item list.Item) {
	s.t.Helper()
	if _, err := client.Call(s.t.Context(), s.client, list.Put, item); err != nil {
		s.t.Fatal(err)
	}
}

// sees waits until the list is what is wanted.
func (s *shopper) sees(want ...list.Item) {
	s.t.Helper()
	guard := time.After(30 * time.Second)
	for {
		select {
		case now := <-s.heard:
			if slices.Equal(now.All, want) {
				return
			}
		case <-guard:
			s.t.Fatalf("the list never was %v", want)
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	defer http.DefaultClient.CloseIdleConnections()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
