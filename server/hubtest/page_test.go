package hubtest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

// A counter whose pages have a state: the hub of these tests.
var (
	tally   = contract.NewHub("tally")
	advance = contract.NewMethod[step, int](tally, "advance", contract.WithProgress[int]())
	refuse  = contract.NewMethod[contract.None, contract.None](tally, "refuse")
	enter   = contract.NewMethod[entering, contract.None](tally, "enter")
	waits   = contract.NewMethod[contract.None, contract.None](tally, "waits")
	noted   = contract.NewEvent[note](tally, "noted")
)

type (
	step     struct{ By, Times int }
	entering struct{ Name string }
	note     struct{ UserText string }
	reason   struct{ Left int }
)

// newTally writes down in events what happens to its connections.
func newTally(events func(string)) *hub.Mux {
	m := hub.New(contract.NewAPI(tally, advance, refuse, enter, waits, noted))
	m.OnConnect(func(*hub.Context) error { events("connect"); return nil })
	m.OnReconnect(func(*hub.Context) { events("reconnect") })
	m.OnDisconnect(func(_ *hub.Context, err error) { events(fmt.Sprint("disconnect ", err)) })
	hub.Handle(m, advance, func(x *hub.Context, s step) (int, error) {
		total, err := hub.State[int](x, "total")
		if err != nil {
			return 0, err
		}
		for range s.Times {
			total += s.By
			if err := hub.Report(x, total); err != nil {
				return 0, err
			}
		}
		return total, hub.SetState(x, "total", total)
	})
	hub.Handle(m, refuse, func(*hub.Context, contract.None) (contract.None, error) {
		return contract.None{}, &hub.Error{Message: "no more", Data: reason{Left: 3}}
	})
	hub.Handle(m, enter, func(x *hub.Context, r entering) (contract.None, error) { return contract.None{}, x.Join(r.Name) })
	hub.Handle(m, waits, func(x *hub.Context, _ contract.None) (contract.None, error) {
		<-x.Done()
		return contract.None{}, x.Err()
	})
	return m
}

func ignored(string) {}

func TestPage_stateAndProgress(t *testing.T) {
	h := hubtest.New(t, newTally(ignored))
	c := h.ConnectPage(hub.Principal{})
	if err := hubtest.SetState(c, "total", 10); err != nil {
		t.Fatal(err)
	}
	var reported []int
	got, err := hubtest.CallWithProgress(t.Context(), c, advance, step{By: 5, Times: 3}, func(n int) { reported = append(reported, n) })
	if err != nil || got != 25 || !slices.Equal(reported, []int{15, 20, 25}) {
		t.Errorf("%d, %v, on the way %v", got, err, reported)
	}
	if total, err := hubtest.State[int](c, "total"); err != nil || total != 25 {
		t.Errorf("the page's state is %d, %v", total, err)
	}
	if got, err := hubtest.Call(t.Context(), c, advance, step{By: 1, Times: 1}); err != nil || got != 26 {
		t.Errorf("the next call gives %d, %v", got, err)
	}
	if none, err := hubtest.State[string](c, "other"); err != nil || none != "" {
		t.Errorf("a state that nobody set is %q, %v", none, err)
	}
	other := h.Connect(hub.Principal{})
	if got, err := hubtest.Call(t.Context(), other, advance, step{By: 1, Times: 1}); err != nil || got != 1 {
		t.Errorf("a client without a state gets %d, %v", got, err)
	}
	if err := hubtest.Send(c, advance, step{By: 1, Times: 1}); err != nil {
		t.Error(err)
	}
}

func TestPage_errors(t *testing.T) {
	h := hubtest.New(t, newTally(ignored))
	c := h.ConnectPage(hub.Principal{})
	_, err := hubtest.Call(t.Context(), c, refuse, contract.None{})
	if public := (*hub.Error)(nil); !errors.As(err, &public) || err.Error() != "no more" {
		t.Errorf("the error came as %v", err)
	}
	if data, err := hubtest.ErrorData[reason](err); err != nil || data.Left != 3 {
		t.Errorf("its data is %v, %v", data, err)
	}
	if _, err := hubtest.ErrorData[int](err); err == nil {
		t.Error("an object is read as a number")
	}
	if _, err := hubtest.ErrorData[int](hubtest.ErrClosed); err == nil {
		t.Error("an error without data has some")
	}
	if err := hubtest.SetState(c, "total", "many"); err != nil {
		t.Fatal(err)
	}
	if _, err := hubtest.Call(t.Context(), c, advance, step{}); err == nil || !strings.Contains(err.Error(), "total") {
		t.Errorf("a state of another type gave %v", err)
	}
	if err := hubtest.SetState(c, "total", make(chan int)); err == nil {
		t.Error("a channel is a state")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := hubtest.Call(ctx, c, waits, contract.None{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a call whose context has ended gave %v", err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := hubtest.Call(context.Background(), c, waits, contract.None{})
		answered <- err
	}()
	c.Lose()
	if err := <-answered; !errors.Is(err, hubtest.ErrClosed) {
		t.Errorf("a call of a page that is lost gave %v", err)
	}
	h.Settle()
	if _, err := hubtest.Call(t.Context(), c, refuse, contract.None{}); !errors.Is(err, hubtest.ErrClosed) {
		t.Errorf("a call after the end gave %v", err)
	}
}

func TestPage_hearsAfterABreakWhatItMissed(t *testing.T) {
	var mu sync.Mutex
	var events []string
	m := newTally(func(event string) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, event)
	})
	h := hubtest.New(t, m)
	c, other := h.ConnectPage(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{})
	h.Settle()
	if _, err := hubtest.Call(t.Context(), c, enter, entering{"kitchen"}); err != nil {
		t.Fatal(err)
	}
	tell := func(to hub.Target, text string) {
		t.Helper()
		if err := hub.Publish(t.Context(), to, noted, note{text}); err != nil {
			t.Fatal(err)
		}
	}
	tell(m.All(), "one")
	if got := hubtest.Await(t, c, noted); got.UserText != "one" {
		t.Errorf("heard %q", got.UserText)
	}
	c.Break()
	tell(m.Group("kitchen"), "two")
	tell(m.User("ann"), "three")
	tell(m.Client(c.ID()), "four")
	tell(m.AllExcept(c.ID()), "not for the page")
	if got := hubtest.Heard(t, c, noted); len(got) != 0 {
		t.Errorf("heard %v over a broken link", got)
	}
	c.Reconnect()
	tell(m.All(), "five")
	if got := fmt.Sprint(hubtest.Heard(t, c, noted)); got != "[{two} {three} {four} {five}]" {
		t.Errorf("heard %v", got)
	}
	if got := fmt.Sprint(hubtest.Heard(t, other, noted)); got != "[{one} {not for the page} {five}]" {
		t.Errorf("the other client heard %v", got)
	}
	h.Settle()
	other.Close()
	h.Settle()
	c.Lose()
	h.Settle()
	if want := []string{"connect", "connect", "reconnect", "disconnect <nil>", "disconnect the client is lost"}; !slices.Equal(events, want) {
		t.Errorf("the hub saw %q, want %q", events, want)
	}
}

func TestPage_closes(t *testing.T) {
	var events []string
	h := hubtest.New(t, newTally(func(event string) { events = append(events, event) }))
	c := h.ConnectPage(hub.Principal{})
	h.Settle()
	c.Close()
	if err := hubtest.AwaitClose(t, c); err != nil {
		t.Error(err)
	}
	h.Settle()
	if want := []string{"connect", "disconnect <nil>"}; !slices.Equal(events, want) {
		t.Errorf("the hub saw %q, want %q", events, want)
	}
}

func TestPage_hasNoStreams(t *testing.T) {
	c := hubtest.New(t, newTalk()).ConnectPage(hub.Principal{ID: "ann"})
	for _, err := range hubtest.Open(t.Context(), c, count, line{"abc"}) {
		if err == nil {
			t.Error("a page has a stream")
		}
	}
	if _, err := hubtest.Call(t.Context(), c, join, pieces{}); err == nil || !strings.Contains(err.Error(), "which this client cannot send") {
		t.Errorf("an upload of a page gave %v", err)
	}
	if _, err := hubtest.Call(t.Context(), c, ask, line{"?"}); !errors.Is(err, hub.ErrNoClientResults) {
		t.Errorf("a question to a page gave %v", err)
	}
}

func TestPage_refusedByTheHub(t *testing.T) {
	c := hubtest.New(t, newTalk()).ConnectPage(hub.Principal{ID: "mallory"})
	if err, public := hubtest.AwaitClose(t, c), (*hub.Error)(nil); !errors.As(err, &public) || public.Message != "not you" {
		t.Errorf("it was told %v", err)
	}
}

func TestPage_isNotWhatOthersAre(t *testing.T) {
	for what, use := range map[string]func(c *hubtest.Client){
		"Break":     func(c *hubtest.Client) { c.Break() },
		"Reconnect": func(c *hubtest.Client) { c.Reconnect() },
		"SetState":  func(c *hubtest.Client) { _ = hubtest.SetState(c, "k", 1) },
		"State":     func(c *hubtest.Client) { _, _ = hubtest.State[int](c, "k") },
		"CallWithProgress": func(c *hubtest.Client) {
			_, _ = hubtest.CallWithProgress(t.Context(), c, advance, step{}, func(int) {})
		},
	} {
		f := &fakeTest{}
		why := f.run(func(tb testing.TB) { use(hubtest.New(tb, newTally(ignored)).Connect(hub.Principal{})) })
		if why != what+" is for a client of ConnectPage" {
			t.Errorf("%s of another client: %q", what, why)
		}
	}
}

func ExampleHub_ConnectPage() {
	t := new(fakeTest) // in a test of yours, the *testing.T
	defer t.finish()
	m := newTally(func(event string) { fmt.Println(event) })
	h := hubtest.New(t, m)
	page := h.ConnectPage(hub.Principal{})

	total, _ := hubtest.CallWithProgress(context.Background(), page, advance, step{By: 2, Times: 2}, func(n int) { fmt.Println("at", n) })
	kept, _ := hubtest.State[int](page, "total")
	fmt.Println(total, kept)

	page.Break()
	_ = hub.Publish(context.Background(), m.All(), noted, note{"You missed this."})
	page.Reconnect()
	h.Settle()
	fmt.Println(hubtest.Await(t, page, noted).UserText)
	page.Close()
	h.Settle()
	// Output:
	// connect
	// at 2
	// at 4
	// 4 4
	// reconnect
	// You missed this.
	// disconnect <nil>
}
