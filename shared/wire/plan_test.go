package wire_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

type level uint8

type tree struct {
	Name   string
	Past   *tree
	Leaves []tree
	ByName map[string]tree
}

// odd is a slice of itself, and a map of itself through that.
type (
	odd     []odd
	oddMap  map[string]oddMap
	endless *endless
)

func TestPlanOf_whatCanTravel(t *testing.T) {
	for _, typ := range []reflect.Type{
		reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](),
		reflect.TypeFor[int32](), reflect.TypeFor[int64](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](),
		reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](),
		reflect.TypeFor[float64](), reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](),
		reflect.TypeFor[time.Month](), reflect.TypeFor[level](), reflect.TypeFor[[]level](), reflect.TypeFor[contract.RawJSON](),
		reflect.TypeFor[contract.None](), reflect.TypeFor[*int](), reflect.TypeFor[[][]string](),
		reflect.TypeFor[map[string][]*tree](), reflect.TypeFor[struct{ A struct{ B int } }](), reflect.TypeFor[tree](),
		reflect.TypeFor[odd](), reflect.TypeFor[oddMap](),
	} {
		p, err := wire.PlanOf(typ)
		if err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		if p.Type() != typ {
			t.Errorf("the plan of %s says it is for %s", typ, p.Type())
		}
		if again, err := wire.PlanOf(typ); again != p || err != nil {
			t.Errorf("%s was planned twice, %v", typ, err)
		}
	}
}

func TestPlanOf_whatCannot(t *testing.T) {
	type deep struct {
		Rows []map[string]*struct{ Cell chan int }
	}
	type hidden struct{ text string } //nolint:unused // it is the point
	type tagged struct {
		A int `json:"a"`
	}
	type optional struct {
		A int `arg:"optional"`
	}
	type embeds struct{ named }
	type twice struct{ ID, Id int }
	for _, c := range []struct {
		typ  reflect.Type
		says string
	}{
		{reflect.TypeFor[any](), "wire: interface {}: interface {} has no form on the wire"},
		{reflect.TypeFor[error](), "wire: error: error has no form on the wire"},
		{reflect.TypeFor[chan int](), "wire: chan int: chan int has no form on the wire"},
		{reflect.TypeFor[func()](), "wire: func(): func() has no form on the wire"},
		{reflect.TypeFor[complex128](), "wire: complex128: complex128 has no form on the wire"},
		{reflect.TypeFor[uintptr](), "wire: uintptr: uintptr has no form on the wire"},
		{reflect.TypeFor[[2]int](), "wire: [2]int: [2]int has no form on the wire"},
		{reflect.TypeFor[map[int]string](), "wire: map[int]string: the keys of map[int]string are not strings"},
		{reflect.TypeFor[time.Duration](), "wire: time.Duration: peers do not agree on the unit of a time.Duration: use a number whose name says it, as in TimeoutMS int64"},
		{reflect.TypeFor[json.RawMessage](), "wire: json.RawMessage: json.RawMessage is not known here: use contract.RawJSON"},
		{reflect.TypeFor[url.URL](), "wire: url.URL.User.username: it is not exported, so it could not travel"},
		{reflect.TypeFor[deep](), "wire: wire_test.deep.Rows[][].Cell: chan int has no form on the wire"},
		{reflect.TypeFor[hidden](), "wire: wire_test.hidden.text: it is not exported, so it could not travel"},
		{reflect.TypeFor[tagged](), "wire: wire_test.tagged.A: it has the tag `json:\"a\"`; fields of a nested struct have none"},
		{reflect.TypeFor[optional](), "wire: wire_test.optional.A: it has the tag `arg:\"optional\"`; fields of a nested struct have none"},
		{reflect.TypeFor[embeds](), "wire: wire_test.embeds.named: it is embedded: name the field"},
		{reflect.TypeFor[twice](), "wire: wire_test.twice.Id: its name differs from that of ID only in case"},
		{reflect.TypeFor[**int](), "wire: **int: **int points to what can be null by itself"},
		{reflect.TypeFor[*[]int](), "wire: *[]int: *[]int points to what can be null by itself"},
		{reflect.TypeFor[*[]byte](), "wire: *[]uint8: *[]uint8 points to what can be null by itself"},
		{reflect.TypeFor[*contract.RawJSON](), "wire: *contract.RawJSON: *contract.RawJSON points to what can be null by itself"},
		{reflect.TypeFor[endless](), "wire: wire_test.endless: wire_test.endless points to what can be null by itself"},
		{reflect.TypeFor[contract.Upload[int]](), "wire: contract.Upload[int].Values: iter.Seq2[int,error] has no form on the wire"},
	} {
		for range 2 { // a failure is not kept as a plan
			_, err := wire.PlanOf(c.typ)
			if err == nil || err.Error() != c.says {
				t.Errorf("%s: %v\nwant %s", c.typ, err, c.says)
			}
		}
	}
}

func TestPlanOf_aFailureLeavesNoHalfPlan(t *testing.T) {
	type inner struct{ A int }
	type outer struct {
		Inner inner
		Bad   chan int
	}
	if _, err := wire.PlanOf(reflect.TypeFor[outer]()); err == nil {
		t.Fatal("a channel can travel")
	}
	if got, err := write(t, inner{A: 1}); got != `{"a":1}` || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestPlanOf_atOnceFromManySides(t *testing.T) {
	type leaf struct{ Text string }
	type node struct {
		Leaf  leaf
		Nodes []node
	}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if i%2 == 0 {
				if got, err := write(t, leaf{Text: "a"}); got != `{"text":"a"}` || err != nil {
					t.Errorf("%s, %v", got, err)
				}
				return
			}
			got, err := write(t, node{Nodes: []node{{}}})
			if want := `{"leaf":{"text":""},"nodes":[{"leaf":{"text":""},"nodes":null}]}`; got != want || err != nil {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
	all.Wait()
}

func TestArgumentsOf_errorsNameTheMember(t *testing.T) {
	hub := contract.NewHub("chat")
	type item struct{ At time.Duration }
	var many []contract.Member
	many = append(many,
		contract.NewMethod[struct{ Rows []item }, int](hub, "post"),
		contract.NewEvent[struct{ Any any }](hub, "posted"),
		contract.NewMethod[contract.None, []chan int](hub, "leave"),
		contract.NewStream[contract.None, item](hub, "replay"),
		contract.NewMethod[struct{ Raw contract.Upload[item] }, int](hub, "store"),
		contract.NewQuery[contract.None, error](hub, "ask"),
	)
	for i, says := range []string{
		"method chat.post: wire: struct { Rows []wire_test.item }.Rows[].At: peers do not agree",
		"event chat.posted: wire: struct { Any interface {} }.Any: interface {} has no form on the wire",
		"method chat.leave: wire: []chan int[]: chan int has no form on the wire",
		"stream chat.replay: wire: wire_test.item.At: peers do not agree",
		"method chat.store: wire: struct { Raw contract.Upload[partline.dev/shared/wire_test.item·",
		"query chat.ask: wire: error: error has no form on the wire",
	} {
		err := wire.CheckAPI(contract.NewAPI(hub, many[i]))
		if err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%v\nwant %s", err, says)
		}
	}
}

func TestArgumentsOf_limits(t *testing.T) {
	hub := contract.NewHub("wide")
	type tooMany struct {
		A1, A2, A3, A4, A5, A6, A7, A8, B1, B2, B3, B4, B5, B6, B7, B8         int
		C1, C2, C3, C4, C5, C6, C7, C8, D1, D2, D3, D4, D5, D6, D7, D8         int
		E1, E2, E3, E4, E5, E6, E7, E8, F1, F2, F3, F4, F5, F6, F7, F8         int
		G1, G2, G3, G4, G5, G6, G7, G8, H1, H2, H3, H4, H5, H6, H7, H8, TooFar int
	}
	type uploads struct {
		A1, A2, A3, A4, A5, A6, A7, A8, B1, B2, B3, B4, B5, B6, B7, B8, TooFar contract.Upload[int]
	}
	for says, m := range map[string]contract.Member{
		"wire: method wide.m has 65 arguments, more than 64": contract.NewMethod[tooMany, int](hub, "m"),
		"wire: method wide.u has 17 uploads, more than 16":   contract.NewMethod[uploads, int](hub, "u"),
	} {
		if err := wire.CheckAPI(contract.NewAPI(hub, m)); err == nil || err.Error() != says {
			t.Errorf("%v, want %s", err, says)
		}
	}
}
