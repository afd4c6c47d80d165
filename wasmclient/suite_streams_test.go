package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// overEachTestHub runs f with a client of the hub of shared/testhub, over each
// transport, and natively in MessagePack too.
func overEachTestHub(t *testing.T, f func(t *testing.T, ctx context.Context, c *client.Client)) {
	t.Helper()
	url, codecs := os.Getenv("PARTLINE_TESTHUB"), []wire.Codec{wire.JSON, wire.MessagePack}
	if runtime.GOOS == "js" {
		codecs = codecs[:1]
	}
	if url == "" {
		url, codecs = startHub(t)+"/testhub", codecs[:1] // a small hub speaks JSON
	}
	for _, transport := range suiteTransports() {
		for _, codec := range codecs {
			if transport == client.ServerSentEvents && codec.Binary() {
				continue
			}
			t.Run(transport.String()+" "+codec.Name(), func(t *testing.T) {
				ctx := suiteContext(t)
				c, err := client.Dial(ctx, url, testhub.Hub, &client.Options{Transports: transport, Codec: codec})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
				f(t, ctx, c)
				if now := c.State(); now.Phase != client.Connected || now.Transport != transport {
					t.Errorf("afterwards the client is %+v", now)
				}
			})
		}
	}
}

func TestSuite_stream(t *testing.T) {
	overEachTestHub(t, func(t *testing.T, ctx context.Context, c *client.Client) {
		for _, count := range []int{0, 1, 1000} {
			next := 5
			for n, err := range client.Open(ctx, c, testhub.CountStream, testhub.Count{From: 5, Count: count}) {
				if err != nil || n != next {
					t.Fatalf("%d in the place of %d: %v", n, next, err)
				}
				next++
			}
			if next != 5+count {
				t.Errorf("%d numbers of %d", next-5, count)
			}
		}
	})
}

func TestSuite_streamThatIsLeft(t *testing.T) {
	overEachTestHub(t, func(t *testing.T, ctx context.Context, c *client.Client) {
		canceled := make(chan string, 1)
		client.On(c, testhub.CanceledEvent, func(n testhub.Name) { canceled <- n.Name })
		for n, err := range client.Open(ctx, c, testhub.EndlessStream, testhub.Name{Name: t.Name()}) {
			if err != nil {
				t.Fatal(err)
			}
			if n == 7 {
				break
			}
		}
		select {
		case name := <-canceled:
			if name != t.Name() {
				t.Errorf("the hub says that %s was canceled", name)
			}
		case <-ctx.Done():
			t.Error("the hub does not hear that the stream was left")
		}
	})
}

func TestSuite_streamThatFails(t *testing.T) {
	overEachTestHub(t, func(t *testing.T, ctx context.Context, c *client.Client) {
		read := 0
		for _, err := range client.Open(ctx, c, testhub.FailStream, testhub.FailAfter{Items: 3, How: "public", Text: "no more"}) {
			if err == nil {
				read++
				continue
			}
			if said, ok := errors.AsType[*client.Error](err); !ok || said.Message != "no more" {
				t.Error(err)
			}
		}
		if read != 3 {
			t.Errorf("%d items", read)
		}
	})
}

func TestSuite_uploads(t *testing.T) {
	overEachTestHub(t, func(t *testing.T, ctx context.Context, c *client.Client) {
		total, err := client.Call(ctx, c, testhub.SumMethod, testhub.Sum{
			Left: values(nil, 1, 2, 3), Factor: 10, Right: values(nil, slices.Repeat([]int{1}, 200)...),
		})
		if err != nil || total != 2060 {
			t.Errorf("the sum is %d: %v", total, err)
		}
		text, err := client.Call(ctx, c, testhub.ConcatMethod, testhub.Texts{Texts: values(nil, "a", "", "ü")})
		if err != nil || text != "aü" {
			t.Errorf("the text is %q: %v", text, err)
		}
		_, err = client.Call(ctx, c, testhub.ConcatMethod, testhub.Texts{Texts: values(errors.New("out of paper"), "a")})
		if _, ok := errors.AsType[*client.Error](err); !ok {
			t.Errorf("a source that fails: %v", err)
		}
	})
}

// TestSuite_uploadThatIsNotWanted ends when the call is answered.
func TestSuite_uploadThatIsNotWanted(t *testing.T) {
	overEachTestHub(t, func(t *testing.T, ctx context.Context, c *client.Client) {
		texts := make(chan string, 1)
		texts <- "one"
		up, left := from(texts)
		first, err := client.Call(ctx, c, testhub.FirstMethod, testhub.Texts{Texts: up})
		if err != nil || first != "one" {
			t.Errorf("%q: %v", first, err)
		}
		texts <- "another"
		<-left
	})
}

func TestSuite_streamsBothWays(t *testing.T) {
	overEachTestHub(t, func(t *testing.T, ctx context.Context, c *client.Client) {
		numbers := make(chan int, 1)
		up, _ := from(numbers)
		numbers <- 1
		heard := 0
		for n, err := range client.Open(ctx, c, testhub.DoubleStream, testhub.Numbers{Numbers: up}) {
			heard++
			if err != nil || n != 2*heard {
				t.Fatalf("%d in the place of %d: %v", n, 2*heard, err)
			}
			if heard == 20 {
				close(numbers)
				continue
			}
			numbers <- heard + 1
		}
		if heard != 20 {
			t.Errorf("%d numbers", heard)
		}
	})
}

func TestSuite_queries(t *testing.T) {
	overEachTestHub(t, func(t *testing.T, ctx context.Context, c *client.Client) {
		ask := func(question string) (string, error) {
			return client.Call(ctx, c, testhub.AskMethod, testhub.Ask{Question: question})
		}
		if _, err := ask("anybody?"); !says(err, "Client didn't provide a result.") {
			t.Errorf("without a handler: %v", err)
		}
		off := client.Handle(c, testhub.AnswerQuery, func(_ context.Context, q testhub.Text) (string, error) {
			if strings.HasPrefix(q.Text, "secret") {
				return "", errors.New("that is a secret")
			}
			return "you asked: " + q.Text, nil
		})
		defer off()
		for i := range 20 {
			question := fmt.Sprintf("number %d?", i)
			if answer, err := ask(question); err != nil || answer != "you asked: "+question {
				t.Errorf("%q: %v", answer, err)
			}
		}
		if _, err := ask("secret"); !says(err, "that is a secret") {
			t.Error(err)
		}
	})
}
