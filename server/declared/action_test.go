package declared_test

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// served is the one hub of a file, in memory.
func served(t *testing.T, methods string) *hubtest.Hub {
	t.Helper()
	return hubtest.New(t, parse(t, "hubs:\n  h:\n    methods:\n"+methods)[0].Mux)
}

// method and event are those of the hub h, as a client in Go has them.
func method[Req, Res any](name string) contract.Method[Req, Res] {
	return contract.NewMethod[Req, Res](contract.NewHub("h"), name)
}

func event[T any](name string) contract.Event[T] {
	return contract.NewEvent[T](contract.NewHub("h"), name)
}

type (
	none  = contract.None
	texts struct{ A string }
	any1  struct{ V contract.RawJSON }
)

func TestAction_targets(t *testing.T) {
	h := served(t, `
      All: {publish: all, to: all}
      Others: {publish: others, to: others}
      Caller: {publish: caller, to: caller}
      Group: {arguments: [a], publish: group, to: {group: $a}, with: []}
      OthersInGroup: {publish: others in group, to: {othersInGroup: red}}
      User: {publish: user, to: {user: $user.id}}
      Join: {arguments: [a], join: $a}
`)
	ann, bob, again := h.Connect(hub.Principal{ID: "a"}), h.Connect(hub.Principal{ID: "b"}), h.Connect(hub.Principal{ID: "a"})
	call(t, ann, method[texts, none]("Join"), texts{"red"})
	call(t, bob, method[texts, none]("Join"), texts{"red"})
	for _, name := range []string{"All", "Others", "Caller", "OthersInGroup", "User"} {
		call(t, ann, method[none, none](name), none{})
	}
	call(t, ann, method[texts, none]("Group"), texts{"red"})
	h.Settle()
	for _, c := range []struct {
		event           string
		ann, bob, again int
	}{
		{"all", 1, 1, 1}, {"others", 0, 1, 1}, {"caller", 1, 0, 0},
		{"group", 1, 1, 0}, {"others in group", 0, 1, 0}, {"user", 1, 0, 1},
	} {
		e := event[none](c.event)
		a, b, g := len(hubtest.Heard(t, ann, e)), len(hubtest.Heard(t, bob, e)), len(hubtest.Heard(t, again, e))
		if a != c.ann || b != c.bob || g != c.again {
			t.Errorf("%s: Ann %d, Bob %d, Ann again %d", c.event, a, b, g)
		}
	}
}

func TestAction_values(t *testing.T) {
	h := served(t, `
      Mix:
        arguments: [t, n: number, i: integer, b: boolean, v: any, o?, p?: any]
        publish: mixed
        to: all
        with: [$v, $b, $i, $n, $t, $o, $p, $$5, "5", 5, 5.5, true, null, 2026-11-21, $user.id, $user.name]
      Who: {publish: who, to: all, with: [$connection.id]}
`)
	c := h.Connect(hub.Principal{ID: "ann", Name: "Ann\u00a0<b>"})
	type mix struct {
		T string
		N float64
		I int64
		B bool
		V contract.RawJSON
	}
	type mixed struct {
		V                      contract.RawJSON
		B                      bool
		I                      int64
		N                      float64
		T, O                   string
		P                      contract.RawJSON
		Dollar, Text           string
		Five                   int64
		Half                   float64
		True                   bool
		Null                   contract.RawJSON
		Date, UserID, UserName string
	}
	call(t, c, method[mix, none]("mix"), mix{"text", 0.25, -1 << 53, true, contract.RawJSON(`{"Deep":[{"a":null}]}`)})
	want := mixed{contract.RawJSON(`{"Deep":[{"a":null}]}`), true, -1 << 53, 0.25, "text", "", nil,
		"$5", "5", 5, 5.5, true, nil, "2026-11-21", "ann", "Ann\u00a0<b>"}
	got := hubtest.Await(t, c, event[mixed]("mixed"))
	for _, null := range []*contract.RawJSON{&got.P, &got.Null} {
		if string(*null) == "null" {
			*null = nil
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("heard %+v\nnot %+v", got, want)
	}
	call(t, c, method[none, none]("Who"), none{})
	if got := hubtest.Await(t, c, event[texts]("who")); got.A != c.ID() {
		t.Errorf("%q called, not %q", got.A, c.ID())
	}
}

// Events that are published with values of different kinds say each as it is.
func TestAction_kindsOfOneEvent(t *testing.T) {
	h := served(t, `
      Text: {arguments: [a], publish: said, to: all}
      Number: {arguments: [a: number], publish: said, to: all}
      Integer: {arguments: [a: integer], publish: said, to: all}
      True: {publish: said, to: all, with: [true]}
      Any: {arguments: [a: any], publish: said, to: all}
      Half: {publish: measured, to: all, with: [0.5]}
      Whole: {arguments: [a: integer], publish: measured, to: all}
`)
	c := h.Connect(hub.Principal{})
	for _, m := range []struct{ name, says string }{
		{"Text", `"a \"b\" \u003c"`}, {"Number", "1e+30"}, {"Integer", "9007199254740993"}, {"Any", `[1,{}]`},
	} {
		call(t, c, method[any1, none](m.name), any1{contract.RawJSON(m.says)})
	}
	call(t, c, method[none, none]("True"), none{})
	for _, want := range []string{`"a \"b\" <"`, "1e+30", "9007199254740993", `[1,{}]`, "true"} {
		if got := string(hubtest.Await(t, c, event[any1]("said")).V); got != want {
			t.Errorf("heard %s, not %s", got, want)
		}
	}
	call(t, c, method[none, none]("Half"), none{})
	call(t, c, method[any1, none]("Whole"), any1{contract.RawJSON("3")})
	for _, want := range []float64{0.5, 3} {
		if got := hubtest.Await(t, c, event[struct{ N float64 }]("measured")); got.N != want {
			t.Errorf("heard %v, not %v", got.N, want)
		}
	}
}

func TestAction_results(t *testing.T) {
	h := served(t, `
      Echo: {arguments: [v: any], result: $v}
      Whole: {result: 7}
      Me: {result: $user.name}
      Nothing: {publish: said, to: all}
`)
	c := h.Connect(hub.Principal{ID: "a", Name: "Ann"})
	if got := call(t, c, method[any1, contract.RawJSON]("Echo"), any1{contract.RawJSON(`[null]`)}); string(got) != `[null]` {
		t.Errorf("the echo is %s", got)
	}
	if got := call(t, c, method[none, int64]("Whole"), none{}); got != 7 {
		t.Errorf("the whole is %d", got)
	}
	if got := call(t, c, method[none, string]("Me"), none{}); got != "Ann" {
		t.Errorf("I am %q", got)
	}
	call(t, c, method[none, none]("Nothing"), none{})
}

// What a caller reads when an action fails, and that what follows is not done.
func TestAction_failures(t *testing.T) {
	h := served(t, `
      Join:
        arguments: [a]
        do:
          - {publish: before, to: caller, with: []}
          - join: $a
          - {publish: after, to: caller, with: []}
      Leave: {arguments: [a], leave: $a}
      Say: {arguments: [a], publish: said, to: {group: $a}}
      Tell: {arguments: [a], publish: said, to: {user: $a}}
      Mine: {publish: said, to: {user: $user.id}, with: [""]}
      JoinMine: {join: $user.name}
`)
	guest := h.Connect(hub.Principal{})
	long := strings.Repeat("x", 256)
	for _, c := range []struct{ method, argument, says string }{
		{"Join", "", "No group can be called what the argument a says: invalid name: it is empty."},
		{"Join", "a\nb", "No group can be called what the argument a says: invalid name: it has the control character U+000A."},
		{"Join", long, "No group can be called what the argument a says: invalid name: 256 bytes are more than 255."},
		{"Leave", "", "No group can be called what the argument a says: invalid name: it is empty."},
		{"Say", "", "No group can be called what the argument a says: invalid name: it is empty."},
		{"Tell", "", "No user can be called what the argument a says: invalid name: it is empty."},
	} {
		_, err := hubtest.Call(t.Context(), guest, method[texts, none](c.method), texts{c.argument})
		if err == nil || !strings.HasSuffix(err.Error(), "HubException: "+c.says) {
			t.Errorf("%s %.10q: %v, want %s", c.method, c.argument, err, c.says)
		}
	}
	for _, name := range []string{"Mine", "JoinMine"} {
		_, err := hubtest.Call(t.Context(), guest, method[none, none](name), none{})
		if err == nil || !strings.HasSuffix(err.Error(), "HubException: This is for users who are signed in.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.Settle()
	if n := len(hubtest.Heard(t, guest, event[none]("before"))); n != 3 {
		t.Errorf("what stands before the failure was done %d times, not 3", n)
	}
	if n := len(hubtest.Heard(t, guest, event[none]("after"))); n != 0 {
		t.Errorf("what stands after the failure was done %d times", n)
	}
}

// A declared hub keeps no more groups for a connection than any hub.
func TestAction_groupsOfAConnectionAreBounded(t *testing.T) {
	h := served(t, "      Join: {arguments: [a], join: $a}\n")
	c := h.Connect(hub.Principal{})
	join := method[texts, none]("Join")
	for i := range 1000 {
		call(t, c, join, texts{strconv.Itoa(i)})
	}
	_, err := hubtest.Call(t.Context(), c, join, texts{"one more"})
	if err == nil || !strings.HasSuffix(err.Error(), "HubException: You are in as many groups as one connection may be.") {
		t.Errorf("the group after the last: %v", err)
	}
	call(t, c, join, texts{"999"}) // where it is already
}

// A call whose arguments do not fit is refused before anything is done.
func TestAction_argumentsThatDoNotFit(t *testing.T) {
	h := served(t, "      Add: {arguments: [n: integer, t?], publish: added, to: all}\n")
	c := h.Connect(hub.Principal{})
	for _, request := range []string{`"1"`, `1.5`, `null`, `true`, `[1]`, `9223372036854775808`} {
		if _, err := hubtest.Call(t.Context(), c, method[any1, none]("Add"), any1{contract.RawJSON(request)}); err == nil {
			t.Errorf("%s is an integer", request)
		}
	}
	if _, err := hubtest.Call(t.Context(), c, method[none, none]("Add"), none{}); err == nil {
		t.Error("the integer may be left out")
	}
	h.Settle()
	if n := len(hubtest.Heard(t, c, event[struct {
		N int64
		T string
	}]("added"))); n != 0 {
		t.Errorf("%d were added", n)
	}
}

func TestAction_scopes(t *testing.T) {
	h := served(t, `
      Here: {publish: here, to: scope}
      Near: {publish: near, to: othersInScope}
      Lobby: {scopes: [place, user], publish: here, to: all}
`)
	lobby := access.Where{Scope: contract.ScopePlace, Place: "lobby"}
	ann, bob, carol := h.ConnectIn(hub.Principal{}, lobby), h.ConnectIn(hub.Principal{}, lobby), h.Connect(hub.Principal{})
	call(t, ann, method[none, none]("Here"), none{})
	call(t, ann, method[none, none]("Near"), none{})
	for name, c := range map[string]struct {
		client     *hubtest.Client
		here, near int
	}{"Ann": {ann, 1, 0}, "Bob": {bob, 1, 1}, "Carol": {carol, 0, 0}} {
		here, near := len(hubtest.Heard(t, c.client, event[none]("here"))), len(hubtest.Heard(t, c.client, event[none]("near")))
		if here != c.here || near != c.near {
			t.Errorf("%s hears %d here and %d near", name, here, near)
		}
	}
	call(t, bob, method[none, none]("Lobby"), none{})
	hubtest.Await(t, carol, event[none]("here"))
	refusal := (*access.Refusal)(nil)
	if _, err := hubtest.Call(t.Context(), carol, method[none, none]("Lobby"), none{}); !errors.As(err, &refusal) || refusal.Code != access.CodeScope {
		t.Errorf("elsewhere: %v", err)
	}
}
