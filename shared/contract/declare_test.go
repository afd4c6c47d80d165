package contract_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"partline.dev/shared/contract"
)

var (
	text    = reflect.TypeFor[string]()
	number  = reflect.TypeFor[float64]()
	nothing = reflect.TypeFor[contract.None]()
)

func TestDeclareMethod(t *testing.T) {
	m, err := contract.DeclareMethod(hub, "Send", number, []contract.Argument{
		{Name: "größe", Type: number},
		{Name: "the name", Type: text, Optional: true},
	}, contract.Overload())
	if err != nil {
		t.Fatal(err)
	}
	d := m.Descriptor()
	if d.Hub() != hub || d.Kind() != contract.KindMethod || d.Name() != "Send" || d.Required() != 1 || d.Response() != number {
		t.Errorf("%+v", d)
	}
	want := []contract.Argument{
		{Name: "größe", Type: number, Index: 0},
		{Name: "the name", Type: text, Index: 1, Optional: true},
	}
	if got := d.Arguments(); !reflect.DeepEqual(got, want) {
		t.Errorf("arguments %+v", got)
	}
	if d.Request().NumField() != 2 || d.Request().Field(1).Type != text {
		t.Errorf("the request is %s", d.Request())
	}
	same, err := contract.DeclareMethod(hub, "Other", nothing, []contract.Argument{
		{Name: "a", Type: number},
		{Name: "b", Type: text, Optional: true},
	})
	if err != nil || same.Descriptor().Request() != d.Request() {
		t.Errorf("%s and %s are two types, %v", same.Descriptor().Request(), d.Request(), err)
	}
	contract.NewAPI(hub, m, contract.NewMethod[contract.None, int](hub, "send", contract.Overload()))
}

func TestDeclareEvent(t *testing.T) {
	e, err := contract.DeclareEvent(hub, "said", []contract.Argument{{Name: "text", Type: text}})
	if err != nil {
		t.Fatal(err)
	}
	dump := contract.Dump(contract.NewAPI(hub, e))
	if want := "event said\n  argument text string\n"; !strings.HasSuffix(dump, want) {
		t.Errorf("the dump is\n%s", dump)
	}
}

func TestDeclareHub(t *testing.T) {
	h, err := contract.DeclareHub("talk", contract.ClassicName("talkHub"))
	if err != nil || h.Name() != "talk" || h.ClassicName() != "talkHub" {
		t.Errorf("%+v, %v", h, err)
	}
	for _, c := range []struct{ name, classic string }{{"", "a"}, {"a/b", "a"}, {"a", "a b"}, {strings.Repeat("x", 256), "a"}} {
		if h, err := contract.DeclareHub(c.name, contract.ClassicName(c.classic)); !errors.Is(err, contract.ErrName) || h != nil {
			t.Errorf("%q, %q: %+v, %v", c.name, c.classic, h, err)
		}
	}
}

func TestDeclare_refuses(t *testing.T) {
	upload := reflect.TypeFor[contract.Upload[int]]()
	for _, c := range []struct {
		name, says string
		arguments  []contract.Argument
	}{
		{"", "it is empty", nil},
		{"a\nb", "control character", nil},
		{"m", "argument 1: invalid name: it is empty", []contract.Argument{{Type: text}}},
		{"m", "argument A has the name of another", []contract.Argument{{Name: "a", Type: text}, {Name: "A", Type: text}}},
		{"m", "argument a has no type", []contract.Argument{{Name: "a"}}},
		{"m", "argument a has no type", []contract.Argument{{Name: "a", Type: upload}}},
		{"m", "must be optional", []contract.Argument{{Name: "a", Type: text, Optional: true}, {Name: "b", Type: text}}},
	} {
		if _, err := contract.DeclareMethod(hub, c.name, nothing, c.arguments); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q %v: %v, want %q", c.name, c.arguments, err, c.says)
		}
	}
	optional := []contract.Argument{{Name: "a", Type: text, Optional: true}}
	if _, err := contract.DeclareEvent(hub, "e", optional); err == nil || !strings.Contains(err.Error(), "an event never gains an argument") {
		t.Errorf("an event with an optional argument: %v", err)
	}
}
