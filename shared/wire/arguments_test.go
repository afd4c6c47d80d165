package wire_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

var chat = contract.NewHub("chat")

type post struct {
	Room    string
	Draft   tree
	Photos  contract.Upload[[]byte]
	Limit   int      `arg:"optional"`
	Tags    []string `arg:"optional"`
	Comment *string  `arg:"optional"`
}

// argumentsOf is the argument list of a method whose request is T.
func argumentsOf[T any](t testing.TB) *wire.Arguments {
	t.Helper()
	p, err := wire.ArgumentsOf(contract.NewMethod[T, contract.None](chat, "m").Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestArguments_arePositional(t *testing.T) {
	p := argumentsOf[post](t)
	if p.Type() != reflect.TypeFor[post]() {
		t.Errorf("they are of %s", p.Type())
	}
	comment := "c"
	bare := `["r",{"name":"d","past":null,"leaves":null,"byName":null}`
	for _, c := range []struct {
		v    post
		want string
	}{
		{post{Room: "r", Draft: tree{Name: "d"}}, bare + `]`},
		{post{Room: "r", Draft: tree{Name: "d"}, Limit: 3}, bare + `,3]`},
		{post{Room: "r", Draft: tree{Name: "d"}, Tags: []string{}}, bare + `,0,[]]`},
		{post{Room: "r", Draft: tree{Name: "d"}, Comment: &comment}, bare + `,0,null,"c"]`},
	} {
		got, err := wire.JSON.AppendArguments([]byte("x"), p, reflectOf(c.v))
		if string(got) != "x"+c.want || err != nil {
			t.Errorf("wrote %s, %v, want %s", got, err, c.want)
		}
		// What was there before does not stay, nor does it matter.
		back := post{Room: "old", Draft: tree{Past: &tree{}}, Limit: 9, Tags: []string{"old"}, Comment: &comment}
		if err := wire.JSON.ReadArguments(got[1:], p, settable(&back)); err != nil || !reflect.DeepEqual(back, c.v) {
			t.Errorf("%s is %+v, %v", got, back, err)
		}
	}
}

func TestArguments_none(t *testing.T) {
	p := argumentsOf[contract.None](t)
	got, err := wire.JSON.AppendArguments(nil, p, reflectOf(contract.None{}))
	if string(got) != "[]" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	var none contract.None
	if err := wire.JSON.ReadArguments([]byte(" [ ] "), p, settable(&none)); err != nil {
		t.Error(err)
	}
}

func TestArguments_areKept(t *testing.T) {
	d := contract.NewMethod[post, int](chat, "kept").Descriptor()
	p, err := wire.ArgumentsOf(d)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := wire.ArgumentsOf(d); again != p || err != nil {
		t.Errorf("made twice, %v", err)
	}
}

func TestArguments_anErrorLeavesDst(t *testing.T) {
	got, err := wire.JSON.AppendArguments([]byte("before"), argumentsOf[post](t), reflectOf(post{Room: "r", Draft: tree{Name: "\xff"}}))
	if string(got) != "before" || !errors.Is(err, wire.ErrUTF8) || !strings.HasPrefix(err.Error(), "Draft: Name: ") {
		t.Errorf("%s, %v", got, err)
	}
}

// The texts are ASP.NET Core's; SignalR clients and their tests compare them.
func TestArguments_wrongCount(t *testing.T) {
	type pair struct{ A, B int }
	for _, c := range []struct {
		raw  string
		p    *wire.Arguments
		into any
		says string
	}{
		{`[]`, argumentsOf[pair](t), &pair{}, "Invocation provides 0 argument(s) but target expects 2."},
		{`[1]`, argumentsOf[pair](t), &pair{}, "Invocation provides 1 argument(s) but target expects 2."},
		{`[1,2,3]`, argumentsOf[pair](t), &pair{}, "Invocation provides 3 argument(s) but target expects 2."},
		{`["wrong type, too",{"a":[]},3]`, argumentsOf[pair](t), &pair{}, "Invocation provides 3 argument(s) but target expects 2."},
		{`["wrong type, too"]`, argumentsOf[pair](t), &pair{}, "Invocation provides 1 argument(s) but target expects 2."},
		{`[1]`, argumentsOf[contract.None](t), &contract.None{}, "Invocation provides 1 argument(s) but target expects 0."},
		{`["r"]`, argumentsOf[post](t), &post{}, "Invocation provides 1 argument(s) but target expects 2."},
		{`["r",{},1,[],"",1]`, argumentsOf[post](t), &post{}, "Invocation provides 6 argument(s) but target expects 5."},
	} {
		err := wire.JSON.ReadArguments([]byte(c.raw), c.p, settable(c.into))
		if !errors.Is(err, wire.ErrCount) || err.Error() != c.says {
			t.Errorf("%s: %v, want %s", c.raw, err, c.says)
		}
	}
}

func TestArguments_wrongType(t *testing.T) {
	type pair struct{ Age, Size int8 }
	p := argumentsOf[pair](t)
	for raw, says := range map[string]string{
		`["x",1]`:       "Age: the value does not fit the type: a string where int8 is expected",
		`[1,{"x":[1]}]`: "Size: the value does not fit the type: an object where int8 is expected",
		`[1,128]`:       "Size: the value does not fit the type: a number that is no integer or out of range where int8 is expected",
		`[null,1]`:      "Age: the value does not fit the type: null where int8 is expected",
	} {
		err := wire.JSON.ReadArguments([]byte(raw), p, settable(&pair{}))
		if !errors.Is(err, wire.ErrType) || err.Error() != says {
			t.Errorf("%s: %v, want %s", raw, err, says)
		}
	}
}

func TestArguments_notAList(t *testing.T) {
	p := argumentsOf[contract.None](t)
	for _, raw := range []string{``, `null`, `{}`, `1`, `[`, `[}`, `[,]`, `[1,]`, `[] []`, `[1 2]`} {
		if err := wire.JSON.ReadArguments([]byte(raw), p, settable(&contract.None{})); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestCheckAPI_takesEveryKind(t *testing.T) {
	if err := wire.CheckAPI(contract.NewAPI(chat,
		contract.NewMethod[post, tree](chat, "post"),
		contract.NewEvent[tree](chat, "posted"),
		contract.NewStream[contract.None, everything](chat, "replay"),
		contract.NewQuery[tree, *bool](chat, "ask"),
	)); err != nil {
		t.Error(err)
	}
}
