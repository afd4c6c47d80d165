package hub_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

func TestCall_resultAndOverload(t *testing.T) {
	h := hubtest.New(t, talk(nil))
	c := h.Connect(hub.Principal{})
	if got, err := hubtest.Call(t.Context(), c, addMethod, add{2, 3}); err != nil || got.Total != 5 {
		t.Errorf("Add(2, 3) = %v, %v", got, err)
	}
	if got, err := hubtest.Call(t.Context(), c, add3Method, add3{2, 3, 4}); err != nil || got.Total != 9 {
		t.Errorf("Add(2, 3, 4) = %v, %v", got, err)
	}
}

func TestCall_panicFailsThatCallAlone(t *testing.T) {
	boom := true
	h := hubtest.New(t, talk(func(*hub.Context) error {
		if boom {
			boom = false
			panic("secret")
		}
		return nil
	}))
	c := h.Connect(hub.Principal{})
	_, err := hubtest.Call(t.Context(), c, runMethod, contract.None{})
	if err == nil || !strings.HasPrefix(err.Error(), "An unexpected error occurred invoking 'Run' on the server.") {
		t.Errorf("the panic gave %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("the panic's value reached the client: %v", err)
	}
	if _, err := hubtest.Call(t.Context(), c, runMethod, contract.None{}); err != nil {
		t.Errorf("the next call on the connection: %v", err)
	}
	if n := h.Core().Stats().Panics; n != 1 {
		t.Errorf("%d panics counted, want 1", n)
	}
}

func TestCall_contextEndsWhenTheCallerCancelsOrLeaves(t *testing.T) {
	for _, leave := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			began, ended := make(chan struct{}), make(chan error, 1)
			h := hubtest.New(t, talk(func(x *hub.Context) error {
				close(began)
				<-x.Done()
				ended <- x.Err()
				return x.Err()
			}))
			c := h.Connect(hub.Principal{})
			ctx, cancel := context.WithCancel(t.Context())
			returned := make(chan error, 1)
			go func() {
				_, err := hubtest.Call(ctx, c, runMethod, contract.None{})
				returned <- err
			}()
			<-began
			if leave {
				c.Close()
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("leave=%v: the handler's context ended with %v", leave, err)
			}
			if err := <-returned; err == nil {
				t.Errorf("leave=%v: the call returned no error", leave)
			}
			if leave {
				return
			}
			if _, err := hubtest.Call(t.Context(), c, addMethod, add{1, 1}); err != nil {
				t.Errorf("the next call on the connection: %v", err)
			}
		})
	}
}

func TestCall_blockedHandlerHoldsUpNobodyElse(t *testing.T) {
	began, release := make(chan struct{}), make(chan struct{})
	h := hubtest.New(t, talk(func(*hub.Context) error {
		close(began)
		<-release
		return nil
	}))
	blocked, free := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	done := make(chan error, 1)
	go func() {
		_, err := hubtest.Call(context.Background(), blocked, runMethod, contract.None{})
		done <- err
	}()
	<-began
	if _, err := hubtest.Call(t.Context(), free, sayMethod, say{"hello"}); err != nil {
		t.Fatal(err)
	}
	if got := hubtest.Await(t, blocked, heardEvent); got.Text != "hello" {
		t.Errorf("the blocked caller heard %q", got.Text)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestFilters_wrapEverythingInOrder(t *testing.T) {
	var trace []string
	m := talk(func(*hub.Context) error { trace = append(trace, "run"); return nil })
	m.OnConnect(func(*hub.Context) error { trace = append(trace, "connect"); return nil })
	gone := make(chan struct{})
	m.OnDisconnect(func(_ *hub.Context, err error) {
		trace = append(trace, "disconnect")
		if err != nil {
			t.Errorf("a clean close gave %v", err)
		}
	})
	for _, name := range []string{"outer", "inner"} {
		m.Use(hub.Filter{
			Invoke: func(x *hub.Context, next func() (any, error)) (any, error) {
				trace = append(trace, name+" "+x.Method().Name())
				return next()
			},
			Connect: func(_ *hub.Context, next func() error) error {
				trace = append(trace, name+" connect")
				return next()
			},
			Disconnect: func(_ *hub.Context, _ error, next func()) {
				trace = append(trace, name+" disconnect")
				next()
				if name == "outer" {
					close(gone)
				}
			},
		})
	}
	c := hubtest.New(t, m).Connect(hub.Principal{})
	if _, err := hubtest.Call(t.Context(), c, runMethod, contract.None{}); err != nil {
		t.Fatal(err)
	}
	c.Close()
	<-gone
	want := "outer connect,inner connect,connect,outer Run,inner Run,run,outer disconnect,inner disconnect,disconnect"
	if got := strings.Join(trace, ","); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFilter_mayRefuseAndReplace(t *testing.T) {
	m := talk(nil)
	m.Use(hub.Filter{Invoke: func(x *hub.Context, next func() (any, error)) (any, error) {
		switch r := x.Request().(type) {
		case *say:
			return nil, hub.Errorf("not today, %s", r.Text)
		case *add:
			if r.A == 0 {
				return "another type", nil
			}
			return sum{42}, nil
		}
		return next()
	}})
	c := hubtest.New(t, m).Connect(hub.Principal{})
	_, err := hubtest.Call(t.Context(), c, sayMethod, say{"ann"})
	if want := "An unexpected error occurred invoking 'Say' on the server. HubException: not today, ann"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got, err := hubtest.Call(t.Context(), c, addMethod, add{1, 1}); err != nil || got.Total != 42 {
		t.Errorf("replaced result: %v, %v", got, err)
	}
	if _, err := hubtest.Call(t.Context(), c, addMethod, add{0, 1}); err == nil {
		t.Error("a result of another type was sent")
	}
}

func TestOnConnect_errorClosesForGood(t *testing.T) {
	m := talk(nil)
	m.OnConnect(func(*hub.Context) error { return hub.Errorf("members only") })
	m.OnDisconnect(func(*hub.Context, error) { t.Error("OnDisconnect ran for a connection that never was") })
	h := hubtest.New(t, m)
	c := h.Connect(hub.Principal{})
	if err := hubtest.AwaitClose(t, c); err == nil || !strings.Contains(err.Error(), "members only") {
		t.Errorf("closed with %v", err)
	}
	h.Settle()
}

func TestLeave_whatWasAskedBeforeIsStillDone(t *testing.T) {
	m := talk(nil)
	var connects, disconnects atomic.Int64
	m.OnConnect(func(*hub.Context) error { connects.Add(1); return nil })
	m.OnDisconnect(func(*hub.Context, error) { disconnects.Add(1) })
	h := hubtest.New(t, m)
	steady := h.Connect(hub.Principal{})
	const clients, each = 50, 5
	for range clients {
		c := h.Connect(hub.Principal{})
		for range each {
			if err := hubtest.Send(c, sayMethod, say{"before I go"}); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
	}
	h.Settle()
	if got := len(hubtest.Heard(t, steady, heardEvent)); got != clients*each {
		t.Errorf("%d of %d lines were heard", got, clients*each)
	}
	if connects.Load() != clients+1 || disconnects.Load() != clients {
		t.Errorf("%d connects and %d disconnects of %d that left", connects.Load(), disconnects.Load(), clients)
	}
}

func TestCancel_isNeverLostBetweenQueueAndHandler(t *testing.T) {
	h := hubtest.New(t, talk(func(x *hub.Context) error {
		<-x.Done()
		return x.Err()
	}))
	c := h.Connect(hub.Principal{})
	for range 2000 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if _, err := hubtest.Call(ctx, c, runMethod, contract.None{}); err == nil {
			t.Fatal("a call that waits for its end returned")
		}
	}
	if _, err := hubtest.Call(t.Context(), c, addMethod, add{1, 1}); err != nil {
		t.Errorf("a call is still waiting for a cancel that was sent: %v", err)
	}
}

func TestOnConnect_runsBeforeTheFirstCallAndMayJoin(t *testing.T) {
	var connected atomic.Bool
	m := talk(func(x *hub.Context) error {
		if !connected.Load() {
			t.Error("a call ran before OnConnect returned")
		}
		return hub.Publish(x, x.Group("lobby"), heardEvent, say{"in"})
	})
	m.OnConnect(func(x *hub.Context) error {
		defer connected.Store(true)
		if x.Principal().Name != "Ann" || x.ConnectionID() == "" {
			t.Errorf("who: %+v, %q", x.Principal(), x.ConnectionID())
		}
		return x.Join("lobby")
	})
	c := hubtest.New(t, m).Connect(hub.Principal{ID: "ann", Name: "Ann"})
	if _, err := hubtest.Call(t.Context(), c, runMethod, contract.None{}); err != nil {
		t.Fatal(err)
	}
	if got := hubtest.Heard(t, c, heardEvent); len(got) != 1 {
		t.Errorf("heard %v in the group joined on connect", got)
	}
}

func TestCall_contextStaysUsableInOnDisconnect(t *testing.T) {
	m := talk(nil)
	var leaving *hubtest.Client
	m.OnDisconnect(func(x *hub.Context, _ error) {
		if x.ConnectionID() != leaving.ID() {
			return // the test ends, and the core with it
		}
		if err := hub.Publish(x, x.All(), heardEvent, say{"bye"}); err != nil {
			t.Error(err)
		}
	})
	h := hubtest.New(t, m)
	leaving = h.Connect(hub.Principal{})
	staying := h.Connect(hub.Principal{})
	leaving.Close()
	if got := hubtest.Await(t, staying, heardEvent); got.Text != "bye" {
		t.Errorf("heard %q", got.Text)
	}
}

func TestMount_refuses(t *testing.T) {
	core := hubtest.New(t, talk(nil)).Core()
	if err := core.Mount(hub.New(talkAPI)); err == nil || !strings.Contains(err.Error(), "method Say has no handler") {
		t.Errorf("missing handlers: %v", err)
	}
	if err := core.Mount(talk(nil)); err == nil || !strings.Contains(err.Error(), `two hubs are called "talk"`) {
		t.Errorf("same name: %v", err)
	}
	if err := core.Mount(hub.New(foreignAPI)); err != nil {
		t.Errorf("a second hub: %v", err)
	}
}
