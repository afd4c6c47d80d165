package wire_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// codecs are the two that must agree on everything but the bytes.
var codecs = []wire.Codec{wire.JSON, wire.MessagePack}

// each runs f for both.
func each(t *testing.T, f func(t *testing.T, c wire.Codec)) {
	t.Helper()
	for _, c := range codecs {
		t.Run(c.Name(), func(t *testing.T) { f(t, c) })
	}
}

// encoded is the JSON text as c has it.
func encoded(t *testing.T, c wire.Codec, text []byte) []byte {
	t.Helper()
	if text == nil {
		return nil
	}
	raw, err := c.AppendValue(nil, planOf[contract.RawJSON](t), reflectOf(contract.RawJSON(text)))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// One table of messages, both codecs: what is written is split off and decoded
// as the same message.
func TestCodecs_messages(t *testing.T) {
	each(t, func(t *testing.T, c wire.Codec) {
		var stream []byte
		var all []wire.Message
		for _, group := range messages {
			for _, m := range group.all {
				m.Arguments, m.Value = encoded(t, c, m.Arguments), encoded(t, c, m.Value)
				stream = c.Append(stream, &m)
				all = append(all, m)
			}
		}
		for _, want := range all {
			msg, rest, err := c.Split(stream, 1000)
			if err != nil || msg == nil {
				t.Fatalf("%q: %v", stream, err)
			}
			m := usedMessage()
			if err := c.Decode(msg, &m); err != nil || !reflect.DeepEqual(m, want) {
				t.Errorf("%q is %+v, %v\nwant %+v", msg, m, err, want)
			}
			stream = rest
		}
		if len(stream) > 0 {
			t.Errorf("%q is left", stream)
		}
	})
}

func TestCodecs_arguments(t *testing.T) {
	p := argumentsOf[post](t)
	comment := "c"
	each(t, func(t *testing.T, c wire.Codec) {
		for _, v := range []post{
			{Room: "r", Draft: tree{Name: "d"}}, {Room: "r", Limit: 3}, {Tags: []string{}}, {Comment: &comment}, {Limit: 1, Tags: []string{"a"}, Comment: &comment},
		} {
			raw, err := c.AppendArguments([]byte("x"), p, reflectOf(v))
			if err != nil {
				t.Fatal(err)
			}
			back := post{Room: "old", Draft: tree{Past: &tree{}}, Limit: 9, Tags: []string{"old"}, Comment: &comment}
			if err := c.ReadArguments(raw[1:], p, settable(&back)); err != nil || !reflect.DeepEqual(back, v) {
				t.Errorf("%q is %+v, %v", raw, back, err)
			}
		}
		if got, err := c.AppendArguments([]byte("before"), p, reflectOf(post{Room: "r", Draft: tree{Name: "\xff"}})); string(got) != "before" ||
			!errors.Is(err, wire.ErrUTF8) || !strings.HasPrefix(err.Error(), "Draft: Name: ") {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestCodecs_absentValueIsOnlyNone(t *testing.T) {
	each(t, func(t *testing.T, c wire.Codec) {
		var none contract.None
		if err := c.ReadValue(nil, planOf[contract.None](t), settable(&none)); err != nil {
			t.Error(err)
		}
		var s string
		if err := c.ReadValue(nil, planOf[string](t), settable(&s)); !errors.Is(err, wire.ErrType) {
			t.Errorf("nothing as a string: %v", err)
		}
	})
}

func TestCodecs_null(t *testing.T) {
	zero := map[bool][]reflect.Type{
		true: {
			reflect.TypeFor[string](), reflect.TypeFor[[]byte](), reflect.TypeFor[contract.RawJSON](), reflect.TypeFor[contract.None](),
			reflect.TypeFor[*int](), reflect.TypeFor[[]int](), reflect.TypeFor[map[string]int](), reflect.TypeFor[tree](),
		},
		false: {
			reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[uint8](), reflect.TypeFor[float64](), reflect.TypeFor[time.Time](),
			reflect.TypeFor[colour](),
		},
	}
	each(t, func(t *testing.T, c wire.Codec) {
		null := encoded(t, c, []byte("null"))
		for taken, types := range zero {
			for _, typ := range types {
				p, err := wire.PlanOf(typ)
				if err != nil {
					t.Fatal(err)
				}
				v := reflect.New(typ).Elem()
				err = c.ReadValue(null, p, v)
				if taken && err != nil || !taken && !errors.Is(err, wire.ErrType) || !v.IsZero() {
					t.Errorf("null as a %s is %v, %v", typ, v, err)
				}
			}
		}
	})
}
