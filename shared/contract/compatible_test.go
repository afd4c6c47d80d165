package contract_test

import (
	"errors"
	"strings"
	"testing"

	"partline.dev/shared/contract"
)

const agreed = `hub chat
classic chatHub

method post
  argument Room string
  argument Draft x.Draft
  result x.Receipt

method add
  argument A int
  result int

method add
  argument A int
  argument B int
  result int

method sum
  result int
  progress int
  verbatim

stream replay
  argument Since int64
  argument Limit int optional
  upload Stop int
  item x.Draft

event posted
  argument Draft x.Draft

query ask
  argument Question string
  result bool

struct x.Draft
  field Text string
  field At time

struct x.Receipt
  field ID int64

enum x.Colour int8
  value 0 Red
  value 1 Green
`

func TestCompatible(t *testing.T) {
	for _, c := range []struct{ name, old, next string }{
		{"nothing", "", ""},
		{"a method gains an optional argument", "  argument Draft x.Draft\n  result", "  argument Draft x.Draft\n  argument Quiet bool optional\n  result"},
		{"an overload gains an optional argument", "  argument B int\n", "  argument B int\n  argument C int optional\n"},
		{"a stream gains two more", "  argument Limit int optional\n", "  argument Limit int optional\n  argument A bool optional\n  argument B bool optional\n"},
		{"a struct gains a field at the end", "  field At time\n", "  field At time\n  field By string\n"},
		{"a struct gains a field before the others", "  field Text string\n", "  field By string\n  field Text string\n"},
		{"a struct's fields change places", "  field Text string\n  field At time\n", "  field At time\n  field Text string\n"},
		{"a method begins to report progress", "  result x.Receipt\n", "  result x.Receipt\n  progress int\n"},
		{"a new method", "event posted", "method leave\n  result none\n\nevent posted"},
		{"a new overload", "stream replay", "method add\n  argument A int\n  argument B int\n  argument C int\n  result int\n\nstream replay"},
		{"a new event", "query ask", "event left\n  argument Room string\n\nquery ask"},
		{"a new struct", "struct x.Draft", "struct x.New\n  field A int\n\nstruct x.Draft"},
		{"an enum gains a value", "  value 1 Green\n", "  value 1 Green\n  value 2 Blue\n"},
		{"members change places", agreed[strings.Index(agreed, "event posted"):], "enum x.Colour int8\n  value 1 Green\n  value 0 Red\n\nstruct x.Receipt\n  field ID int64\n\nstruct x.Draft\n  field Text string\n  field At time\n\nquery ask\n  argument Question string\n  result bool\n\nevent posted\n  argument Draft x.Draft\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := contract.Compatible(agreed, replaced(t, c.old, c.next)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCompatible_refuses(t *testing.T) {
	for _, c := range []struct{ name, old, next, says string }{
		{"another hub", "hub chat", "hub talk", "hub chat is gone"},
		{"another classic name", "classic chatHub", "classic chat", `hub chat has now "classic chat"`},
		{"a method is removed", agreed[strings.Index(agreed, "method post"):strings.Index(agreed, "method add")], "", "method post is gone"},
		{"a method is renamed", "method post", "method send", "method post is gone"},
		{"an overload is removed", "method add\n  argument A int\n  result int\n\n", "", `method add has now "argument B int"`},
		{"a method becomes a stream", "method post", "stream post", "method post is gone"},
		{"a method gains a required argument", "x.Draft\n  result", "x.Draft\n  argument Quiet bool\n  result", `method post has now "argument Quiet bool"`},
		{"a method gains an optional argument in front", "  argument Room string\n", "  argument Quiet bool optional\n  argument Room string\n", `method post had "argument Room string"`},
		{"a method loses an argument", "  argument Room string\n", "", `method post had "argument Room string"`},
		{"a method loses its last argument", "  argument Draft x.Draft\n  result", "  result", `method post had "argument Draft x.Draft"`},
		{"arguments change places", "  argument Room string\n  argument Draft x.Draft\n", "  argument Draft x.Draft\n  argument Room string\n", "method post had"},
		{"an argument is renamed", "argument Room string", "argument Place string", "method post had"},
		{"an argument has another type", "argument Room string", "argument Room int", "method post had"},
		{"an argument becomes optional", "argument Draft x.Draft\n  result", "argument Draft x.Draft optional\n  result", "method post had"},
		{"an argument becomes required", "argument Limit int optional", "argument Limit int", "stream replay had"},
		{"an upload is gone", "  upload Stop int\n", "", `stream replay has now "item x.Draft"`},
		{"a stream gains an upload", "  item x.Draft", "  upload More int\n  item x.Draft", `stream replay has now "upload More int"`},
		{"another result", "result x.Receipt", "result none", `method post has now "result none"`},
		{"another item", "item x.Draft", "item string", "stream replay has now"},
		{"other progress", "  progress int\n", "  progress string\n", `method sum had "progress int"`},
		{"no progress any more", "  progress int\n", "", `method sum had "progress int"`},
		{"a name that is not verbatim any more", "  verbatim\n", "", `method sum had "verbatim"`},
		{"a name that is verbatim now", "  result x.Receipt\n", "  result x.Receipt\n  verbatim\n", `method post has now "verbatim"`},
		{"a classic name that is verbatim now", "classic chatHub\n", "classic chatHub\nverbatim\n", `hub chat has now "verbatim"`},
		{"a result is gone", "  result bool\n", "", `query ask had "result bool"`},
		{"an event gains an argument", "event posted\n  argument Draft x.Draft\n", "event posted\n  argument Draft x.Draft\n  argument By string\n", `event posted has now "argument By string"`},
		{"an event gains an optional argument", "event posted\n  argument Draft x.Draft\n", "event posted\n  argument Draft x.Draft\n  argument By string optional\n", "event posted has now"},
		{"an event is removed", "event posted\n  argument Draft x.Draft\n\n", "", "event posted is gone"},
		{"a query gains an optional argument", "  result bool\n", "  argument B int optional\n  result bool\n", "query ask has now"},
		{"a struct loses a field", "  field At time\n", "", `struct x.Draft had "field At time"`},
		{"a field is renamed", "field At time", "field When time", "struct x.Draft had"},
		{"a field has another type", "field ID int64", "field ID string", "struct x.Receipt had"},
		{"a struct is renamed", "struct x.Receipt", "struct x.Ticket", "struct x.Receipt is gone"},
		{"an enum loses a value", "  value 1 Green\n", "", `enum x.Colour int8 had "value 1 Green"`},
		{"an enum's value has another name", "value 1 Green", "value 1 Lime", "enum x.Colour int8 had"},
		{"an enum's name has another value", "value 1 Green", "value 2 Green", "enum x.Colour int8 had"},
		{"an enum becomes a plain number", "\nenum x.Colour int8\n  value 0 Red\n  value 1 Green\n", "", "enum x.Colour int8 is gone"},
		{"everything is gone", agreed, "", "hub chat is gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := contract.Compatible(agreed, replaced(t, c.old, c.next))
			if !errors.Is(err, contract.ErrIncompatible) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want one that says %q", err, c.says)
			}
		})
	}
}

// replaced is what was agreed, but for one place.
func replaced(t *testing.T, old, next string) string {
	t.Helper()
	if !strings.Contains(agreed, old) {
		t.Fatalf("the agreed API does not have %q", old)
	}
	return strings.Replace(agreed, old, next, 1)
}
