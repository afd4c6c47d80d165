//go:build !js

package client_test

import (
	"context"
	"fmt"
	"testing"

	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

func ExampleDial() {
	url, stop := exampleHub() // such as https://parts.example/hubs/connected
	defer stop()
	ctx := context.Background()

	c, err := client.Dial(ctx, url, connected.Hub)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	fmt.Println(c.State().Phase)
	// Output: connected
}

func ExampleOn() {
	url, stop := exampleHub()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	// Handlers that are set before the client runs miss nothing.
	c := client.New(url, connected.Hub, nil)
	heard := make(chan struct{})
	client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) {
		fmt.Printf("%s: %s\n", b.Name, b.Message)
		close(heard)
	})
	client.On(c, connected.BroadcastMessage, func(connected.Broadcast) { cancel() })

	c.Watch(func(s client.State) {
		if s.Phase == client.Connected {
			_ = client.Send(ctx, c, connected.SendMethod, connected.Send{Name: "Ann", Message: "hello"})
		}
	})
	if err := c.Run(ctx); err != nil {
		fmt.Println(err)
	}
	<-heard
	// Output: Ann: hello
}

func ExampleCall() {
	url, stop := exampleHub()
	defer stop()
	ctx := context.Background()
	c, err := client.Dial(ctx, url, connected.Hub)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	// Call returns when the hub has answered; the error says what became of it.
	_, err = client.Call(ctx, c, connected.SendMethod, connected.Send{Name: "Ann", Message: "hello"})
	fmt.Println(err)
	// Output: <nil>
}

// exampleHub starts a hub for an example.
func exampleHub() (url string, stop func()) {
	t := &exampleTest{}
	return startHub(t), t.end
}

// exampleTest is what there is of a test in an example.
type exampleTest struct {
	testing.TB
	cleanup []func()
}

func (t *exampleTest) Helper() {}

func (t *exampleTest) Cleanup(f func()) { t.cleanup = append(t.cleanup, f) }

func (t *exampleTest) end() {
	for _, f := range t.cleanup {
		f()
	}
}
