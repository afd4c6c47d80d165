package hub_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

type profile struct {
	UserName string
	Seen     []int
}

// stateful runs run in a call that comes with that state, and returns its answer.
func stateful(t *testing.T, state string, run func(x *hub.Context) error) (answer hub.Answer) {
	t.Helper()
	bubble(t, talk(run), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		call := hub.Call{Method: "Run"}
		if state != "" {
			call.State = []byte(state)
		}
		answers := open("p").calls(t, call)
		advance(time.Second)
		answer = <-answers
	})
	return answer
}

func TestState_reads(t *testing.T) {
	a := stateful(t, `{"user":{"UserName":"ann","seen":[1,2]},"n":7,"none":null,"n":8,"\u00e4":"\u0041"}`, func(x *hub.Context) error {
		if user, err := hub.State[profile](x, "user"); err != nil || user.UserName != "ann" || len(user.Seen) != 2 {
			t.Errorf("user %+v, %v", user, err)
		}
		if n, err := hub.State[int](x, "n"); err != nil || n != 8 {
			t.Errorf("the last of two values is %d, %v", n, err)
		}
		if none, err := hub.State[*int](x, "none"); err != nil || none != nil {
			t.Errorf("null is %v, %v", none, err)
		}
		if text, err := hub.State[string](x, "ä"); err != nil || text != "A" {
			t.Errorf("a name with an escape has %q, %v", text, err)
		}
		if absent, err := hub.State[string](x, "N"); err != nil || absent != "" {
			t.Errorf("what is not there is %q, %v", absent, err)
		}
		if _, err := hub.State[string](x, "n"); !errors.Is(err, wire.ErrType) {
			t.Errorf("a number as text gave %v", err)
		}
		if raw, err := hub.State[contract.RawJSON](x, "n"); err != nil || string(raw) != "8" {
			t.Errorf("raw %s, %v", raw, err)
		}
		if _, err := hub.State[chan int](x, "n"); err == nil {
			t.Error("a channel can be read")
		}
		return nil
	})
	if a.Err != nil || a.State != nil {
		t.Errorf("state %s, %v, of a call that only reads", a.State, a.Err)
	}
}

func TestSetState_sendsWhatHasChanged(t *testing.T) {
	var kept *hub.Context
	a := stateful(t, `{"a":1,"b":"same","c":3}`, func(x *hub.Context) error {
		kept = x
		for _, err := range []error{
			hub.SetState(x, "a", 2), hub.SetState(x, "b", "same"),
			hub.SetState(x, "new", profile{UserName: "ann"}),
			hub.SetState(x, "c", 4), hub.SetState(x, "c", 3), // and back
			hub.SetState[*int](x, "d", nil),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		if a, err := hub.State[int](x, "a"); err != nil || a != 2 {
			t.Errorf("it reads %d, %v after it was set to 2", a, err)
		}
		return errors.New("failed")
	})
	if want := `{"a":2,"d":null,"new":{"UserName":"ann","Seen":null}}`; string(a.State) != want {
		t.Errorf("state %s, want %s", a.State, want)
	}
	if a.Err == nil {
		t.Error("the call did not fail") // and had its state none the less
	}
	if err := hub.SetState(kept, "a", 3); !errors.Is(err, hub.ErrAnswered) {
		t.Errorf("after the call it gave %v", err)
	}
}

func TestSetState_ofACallWithoutAny(t *testing.T) {
	if a := stateful(t, "", func(x *hub.Context) error { return hub.SetState(x, "k", 1) }); string(a.State) != `{"k":1}` {
		t.Errorf("state %s, %v", a.State, a.Err)
	}
}

func TestSetState_refuses(t *testing.T) {
	half := strings.Repeat("x", 32<<10)
	a := stateful(t, `{}`, func(x *hub.Context) error {
		if err := hub.SetState(x, "", 1); !errors.Is(err, contract.ErrName) {
			t.Errorf("an empty key gave %v", err)
		}
		if err := hub.SetState(x, "k", "\xff"); !errors.Is(err, wire.ErrUTF8) {
			t.Errorf("bytes that are no text gave %v", err)
		}
		if err := hub.SetState(x, "k", func() {}); err == nil {
			t.Error("a function can be set")
		}
		if err := hub.SetState(x, "k", half); err != nil {
			t.Error(err)
		}
		if err := hub.SetState(x, "l", half); !errors.Is(err, hub.ErrStateTooLarge) {
			t.Errorf("64 KiB and a little gave %v", err)
		}
		if err := hub.SetState(x, "k", 1); err != nil { // it makes room
			t.Error(err)
		}
		return hub.SetState(x, "m", half)
	})
	if want := `{"k":1,"m":"` + half + `"}`; string(a.State) != want || a.Err != nil {
		t.Errorf("state of %d bytes, %v", len(a.State), a.Err)
	}
}

func TestState_thatIsNoObject(t *testing.T) {
	for _, state := range []string{`[1]`, `{"a":`, `{"a":"` + "\xff" + `"}`} {
		stateful(t, state, func(x *hub.Context) error {
			if _, err := hub.State[int](x, "a"); err == nil {
				t.Errorf("%s can be read", state)
			}
			if err := hub.SetState(x, "a", 1); err == nil {
				t.Errorf("%s can be changed", state)
			}
			return nil
		})
	}
}

func TestState_othersHaveNone(t *testing.T) {
	h := hubtest.New(t, talk(func(x *hub.Context) error {
		n, err := hub.State[int](x, "n")
		if n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		return hub.SetState(x, "n", 1)
	}))
	if _, err := hubtest.Call(t.Context(), h.Connect(hub.Principal{}), runMethod, contract.None{}); err != nil {
		t.Error(err)
	}
}

// The contract of the tests of progress.
var (
	workHub    = contract.NewHub("talk")
	workMethod = contract.NewMethod[contract.None, string](workHub, "Work", contract.WithProgress[sum]())
	muteMethod = contract.NewMethod[contract.None, string](workHub, "Mute")
	workAPI    = contract.NewAPI(workHub, workMethod, muteMethod)
)

// works is a hub whose methods do what the test wants.
func works(work func(x *hub.Context) error) *hub.Mux {
	m := hub.New(workAPI)
	run := func(x *hub.Context, _ contract.None) (string, error) { return "done", work(x) }
	hub.Handle(m, workMethod, run)
	hub.Handle(m, muteMethod, run)
	return m
}

func TestReport(t *testing.T) {
	var kept *hub.Context
	work := func(x *hub.Context) error {
		kept = x
		return errors.Join(hub.Report(x, sum{1}), hub.Report(x, sum{2}))
	}
	bubble(t, works(work), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		var heard []string
		answers := p.calls(t, hub.Call{Method: "work", Progress: func(value []byte) { heard = append(heard, string(value)) }})
		if a := <-answers; a.Err != nil || string(a.Value) != `"done"` {
			t.Errorf("%s, %v", a.Value, a.Err)
		}
		if strings.Join(heard, " ") != `{"total":1} {"total":2}` {
			t.Errorf("heard %q", heard)
		}
		if err := hub.Report(kept, sum{3}); !errors.Is(err, hub.ErrAnswered) || len(heard) != 2 {
			t.Errorf("after the call it gave %v", err)
		}
		if a := p.asked(t, "Work", "[]", 0); a.Err != nil { // nobody listens
			t.Error(a.Err)
		}
		p.say(t, `{"type":1,"invocationId":"1","target":"Work","arguments":[]}`)
		p.expect(t, completion("1", `"result":"done"`))
	})
}

func TestReport_refusesWhatIsNotDeclared(t *testing.T) {
	bubble(t, works(func(x *hub.Context) error { return hub.Report(x, 1) }), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		for method, want := range map[string]string{
			"Work": "the method does not report that: Work declares hub_test.sum, not int",
			"Mute": "the method does not report that: declare it with contract.WithProgress",
		} {
			if a := p.asked(t, method, "[]", 0); !errors.Is(a.Err, hub.ErrProgress) || a.Err.Error() != want {
				t.Errorf("%s gave %v", method, a.Err)
			}
		}
		p.say(t, `{"type":1,"invocationId":"1","target":"Mute","arguments":[]}`)
		p.expect(t, failed("1", "An unexpected error occurred invoking 'Mute' on the server."))
	})
}

func TestNew_refusesProgressThatCannotTravel(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a hub that reports channels was made")
		}
	}()
	h := contract.NewHub("bad")
	hub.New(contract.NewAPI(h, contract.NewMethod[contract.None, int](h, "m", contract.WithProgress[chan int]())))
}
