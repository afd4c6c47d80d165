package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// The suite is what a client must do with a hub, wherever the client runs:
// natively, under Node and in a browser, and over every transport. PARTLINE_HUB
// is the address of a hub of shared/connected, PARTLINE_TESTHUB of one of
// shared/testhub; without them, the native suite starts a small hub of its own.
// PARTLINE_HUB_CUTS says that whoever sends cutWord finds all links to the hub
// cut, PARTLINE_ONLY_WEBSOCKETS that the hubs have no other transport. The tests in e2e run the suite against the built binary.

// cutWord is what the suite sends to lose its link.
const cutWord = "please cut every link"

// suiteGuard is how long anything in the suite may take.
const suiteGuard = 60 * time.Second

func suiteContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), suiteGuard)
	t.Cleanup(cancel)
	return ctx
}

// suiteHub is the address of the hub.
func suiteHub(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("PARTLINE_HUB"); url != "" {
		return url
	}
	return startHub(t) + "/hubs/connected"
}

// suiteTransports are those that the hubs have.
func suiteTransports() []client.Transport {
	if os.Getenv("PARTLINE_ONLY_WEBSOCKETS") != "" {
		return []client.Transport{client.WebSockets}
	}
	return each
}

// overEach runs f over each transport.
func overEach(t *testing.T, f func(t *testing.T, url string, o *client.Options)) {
	t.Helper()
	url := suiteHub(t)
	for _, transport := range suiteTransports() {
		t.Run(transport.String(), func(t *testing.T) {
			f(t, url, &client.Options{Transports: transport})
		})
	}
}

// listener is a client and what it has heard.
type listener struct {
	*client.Client
	t     *testing.T
	heard chan connected.Broadcast
}

func dial(t *testing.T, url string, o *client.Options) *listener {
	t.Helper()
	c, err := client.Dial(suiteContext(t), url, connected.Hub, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if now := c.State(); o != nil && o.Transports != 0 && now.Transport != o.Transports {
		t.Errorf("connected by %v, not %v", now.Transport, o.Transports)
	}
	l := &listener{Client: c, t: t, heard: make(chan connected.Broadcast, 10_000)}
	client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { l.heard <- b })
	// A hub answers the handshake before the client is among those who hear
	// events, and a call after it.
	l.say("warm-up", "")
	return l
}

// hear is the next event whose name begins with prefix: others may use the hub,
// too.
func (l *listener) hear(prefix string) connected.Broadcast {
	l.t.Helper()
	late := time.NewTimer(suiteGuard)
	defer late.Stop()
	for {
		select {
		case b := <-l.heard:
			if strings.HasPrefix(b.Name, prefix) {
				return b
			}
		case <-late.C:
			l.t.Fatalf("nothing is heard of %s; the client is %+v", prefix, l.State())
		}
	}
}

func (l *listener) say(name, message string) {
	l.t.Helper()
	if err := l.trySay(name, message); err != nil {
		l.t.Fatal(err)
	}
}

func (l *listener) trySay(name, message string) error {
	_, err := client.Call(suiteContext(l.t), l.Client, connected.SendMethod, connected.Send{Name: name, Message: message})
	return err
}

// await waits until the client is in the phase.
func (l *listener) await(phase client.Phase) client.State {
	l.t.Helper()
	found := make(chan client.State, 1)
	defer l.Watch(func(now client.State) {
		if now.Phase == phase {
			select {
			case found <- now:
			default:
			}
		}
	})()
	select {
	case now := <-found:
		return now
	case <-time.After(suiteGuard):
		l.t.Fatalf("the client is %+v, never %v", l.State(), phase)
		return client.State{}
	}
}

func TestSuite_everybodyHearsEveryLine(t *testing.T) {
	overEach(t, func(t *testing.T, url string, o *client.Options) {
		one, two := dial(t, url, o), dial(t, url, o)
		for i, text := range []string{
			"Hello World from App Part 1", "", " ", "<script>alert(1)</script>", `"\'` + "`", "tab\tnew line\nnull\x00 separator\x1e delete\x7f",
			"größer, 日本語, עברית, 🙂👩‍👩‍👧", "\u2028\u2029\ufeff\ufffd", `{"type":7}` + "\x1e", strings.Repeat("long ", 5_000),
		} {
			want := connected.Broadcast{Name: fmt.Sprintf("%s %d é", t.Name(), i), Message: text}
			one.say(want.Name, want.Message)
			for who, l := range []*listener{one, two} {
				if got := l.hear(t.Name()); got != want {
					t.Errorf("client %d hears %+.200q, not %+.200q", who+1, got, want)
				}
			}
		}
	})
}

func TestSuite_linesOfOneSenderStayInOrder(t *testing.T) {
	overEach(t, func(t *testing.T, url string, o *client.Options) {
		const clients, lines = 3, 100
		var all [clients]*listener
		for i := range all {
			all[i] = dial(t, url, o)
		}
		var work sync.WaitGroup
		for i, l := range all {
			work.Go(func() {
				for n := range lines {
					err := client.Send(suiteContext(t), l.Client, connected.SendMethod,
						connected.Send{Name: fmt.Sprint(t.Name(), i), Message: fmt.Sprint(n)})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		work.Wait()
		for i, l := range all {
			var next [clients]int
			for range clients * lines {
				b := l.hear(t.Name())
				sender := int(b.Name[len(b.Name)-1] - '0')
				if b.Message != fmt.Sprint(next[sender]) {
					t.Fatalf("client %d hears line %s of client %d in the place of line %d", i, b.Message, sender, next[sender])
				}
				next[sender]++
			}
		}
	})
}

func TestSuite_manyCallsAtOnce(t *testing.T) {
	l := dial(t, suiteHub(t), nil)
	var work sync.WaitGroup
	for i := range 200 {
		work.Go(func() {
			if err := l.trySay(t.Name(), fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	var heard []string
	for range 200 {
		heard = append(heard, l.hear(t.Name()).Message)
	}
	slices.Sort(heard)
	if len(slices.Compact(heard)) != 200 {
		t.Errorf("heard %q", heard)
	}
}

func TestSuite_handlerThatCalls(t *testing.T) {
	overEach(t, func(t *testing.T, url string, o *client.Options) {
		echo, l := dial(t, url, o), dial(t, url, o)
		answered := make(chan error, 1)
		client.On(echo.Client, connected.BroadcastMessage, func(b connected.Broadcast) {
			if b.Name == t.Name() {
				answered <- echo.trySay(t.Name()+" answers", b.Message)
			}
		})
		l.say(t.Name(), "question")
		if b := l.hear(t.Name() + " answers"); b.Message != "question" {
			t.Errorf("heard %+v", b)
		}
		if err := <-answered; err != nil {
			t.Error(err)
		}
	})
}

func TestSuite_callThatTheHubRefuses(t *testing.T) {
	type one struct{ Name string }
	type two struct{ A, B int }
	l := dial(t, suiteHub(t), nil)
	for name, call := range map[string]func(ctx context.Context) error{
		"unknown method": func(ctx context.Context) error {
			_, err := client.Call(ctx, l.Client, contract.NewMethod[one, contract.None](connected.Hub, "nope"), one{})
			return err
		},
		"too few arguments": func(ctx context.Context) error {
			_, err := client.Call(ctx, l.Client, contract.NewMethod[one, contract.None](connected.Hub, "Send"), one{})
			return err
		},
		"arguments of another type": func(ctx context.Context) error {
			_, err := client.Call(ctx, l.Client, contract.NewMethod[two, contract.None](connected.Hub, "Send"), two{})
			return err
		},
	} {
		var said *client.Error
		if err := call(suiteContext(t)); !errors.As(err, &said) || said.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.say(t.Name(), "the connection lives on")
	l.hear(t.Name())
}

func TestSuite_callWhoseContextHasEnded(t *testing.T) {
	l := dial(t, suiteHub(t), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Call(ctx, l.Client, connected.SendMethod, connected.Send{Name: t.Name(), Message: "no"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	l.say(t.Name(), "yes")
	if b := l.hear(t.Name()); b.Message != "yes" {
		t.Errorf("heard %+v", b)
	}
}

func TestSuite_callThatIsTooLarge(t *testing.T) {
	overEach(t, func(t *testing.T, url string, o *client.Options) {
		l := dial(t, url, o)
		text := strings.Repeat("x", 32<<10)
		if err := l.trySay(t.Name(), text); !errors.Is(err, client.ErrTooLarge) {
			t.Error(err)
		}
		l.say(t.Name(), "the connection lives on")

		// A hub sends a client away that does not keep to its limit.
		careless := dial(t, url, &client.Options{SendLimit: 1 << 20, Transports: o.Transports})
		if err := careless.trySay(t.Name(), text); !errors.Is(err, client.ErrNotConfirmed) {
			t.Error(err)
		}
		if now := careless.await(client.Disconnected); !errors.Is(now.Err, client.ErrHubClosed) {
			t.Errorf("%+v", now)
		}
		if err := careless.trySay(t.Name(), "hello"); !errors.Is(err, client.ErrNotConnected) {
			t.Error(err)
		}
	})
}

func TestSuite_closeAndDialAgain(t *testing.T) {
	overEach(t, func(t *testing.T, url string, o *client.Options) {
		for i := range 10 {
			l := dial(t, url, o)
			l.say(t.Name(), fmt.Sprint(i))
			if b := l.hear(t.Name()); b.Message != fmt.Sprint(i) {
				t.Errorf("heard %+v", b)
			}
			begun := time.Now()
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			// A hub closes the link at once; 5 s later the client would have.
			if took := time.Since(begun); took >= 5*time.Second {
				t.Errorf("Close took %v: the hub did not understand it", took)
			}
			if now := l.State(); now != (client.State{Phase: client.Disconnected}) {
				t.Errorf("%+v", now)
			}
		}
	})
}

func TestSuite_closeWithCallsInFlight(t *testing.T) {
	overEach(t, func(t *testing.T, url string, o *client.Options) {
		l := dial(t, url, o)
		var work sync.WaitGroup
		for range 50 {
			work.Go(func() {
				err := l.trySay(t.Name(), "now")
				if err != nil && !errors.Is(err, client.ErrNotConfirmed) && !errors.Is(err, client.ErrNotConnected) {
					t.Error(err)
				}
			})
		}
		l.Close()
		work.Wait()
	})
}

func TestSuite_addressWithoutAHub(t *testing.T) {
	url := suiteHub(t)
	nowhere := url[:strings.LastIndex(url, "/")] + "/nowhere"
	for address, text := range map[string]string{nowhere: "", "http://127.0.0.1:1/hubs/connected": "cannot be reached"} {
		c := client.New(address, connected.Hub, nil)
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { ended <- c.Run(ctx) }()
		failed := make(chan client.State, 100)
		stop := c.Watch(func(now client.State) {
			if !now.RetryAt.IsZero() {
				failed <- now
			}
		})
		select {
		case now := <-failed:
			t.Logf("%s: %v", address, now.Err)
			if now.Phase != client.Connecting || !says(now.Err, text) {
				t.Errorf("%s: %+v", address, now)
			}
		case <-time.After(suiteGuard):
			t.Errorf("%s: nothing failed", address)
		}
		stop()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%s: Run ends with %v", address, err)
		}
	}
}
