package wire_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

func TestCodecs_refuseToWrite(t *testing.T) {
	type holder struct {
		Rows []map[string]float64
		Text string
		Raw  contract.RawJSON
		At   time.Time
		F32  float32
	}
	for _, v := range []struct {
		name string
		v    holder
		want error
		says string
	}{
		{"NaN", holder{Rows: []map[string]float64{nil, {"secret": math.NaN()}}}, wire.ErrType, "Rows: 1: a member: "},
		{"infinity", holder{Rows: []map[string]float64{{"secret": math.Inf(-1)}}}, wire.ErrType, "Rows: 0: a member: "},
		{"infinity of 32 bits", holder{F32: float32(math.Inf(1))}, wire.ErrType, "F32: "},
		{"text that is not UTF-8", holder{Text: "a\xff"}, wire.ErrUTF8, "Text: "},
		{"half a surrogate pair", holder{Text: "\xed\xa0\x80"}, wire.ErrUTF8, "Text: "},
		{"a key that is not UTF-8", holder{Rows: []map[string]float64{{"\xff": 1}}}, wire.ErrUTF8, "Rows: 0: "},
		{"a year before 0", holder{At: time.Date(-1, 12, 31, 23, 59, 59, 0, time.UTC)}, wire.ErrType, "At: "},
		{"a year after 9999", holder{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, wire.ErrType, "At: "},
		{"the last second there is", holder{At: time.Unix(math.MaxInt64, 0)}, wire.ErrType, "At: "},
		{"raw that is empty", holder{Raw: contract.RawJSON{}}, wire.ErrMalformed, "Raw: "},
		{"raw that is no JSON", holder{Raw: contract.RawJSON("{]")}, wire.ErrMalformed, "Raw: "},
		{"raw with a key that is none", holder{Raw: contract.RawJSON("{1:1}")}, wire.ErrMalformed, "Raw: "},
		{"raw that is two values", holder{Raw: contract.RawJSON("1 2")}, wire.ErrMalformed, "Raw: "},
		{"raw with a record separator", holder{Raw: contract.RawJSON("[1,\x1e2]")}, wire.ErrMalformed, "Raw: "},
		{"raw with a record separator in a string", holder{Raw: contract.RawJSON("\"\x1e\"")}, wire.ErrMalformed, "Raw: "},
		{"raw that is not UTF-8", holder{Raw: contract.RawJSON("\"\xff\"")}, wire.ErrUTF8, "Raw: "},
		{"raw with half a surrogate pair", holder{Raw: contract.RawJSON(`["\ud800"]`)}, wire.ErrUTF8, "Raw: "},
		{"raw with a number that is too large", holder{Raw: contract.RawJSON(`[1e308,{"a":-1e309}]`)}, wire.ErrType, "Raw: "},
		{"raw with a number that is too long", holder{Raw: contract.RawJSON(strings.Repeat("9", 310))}, wire.ErrType, "Raw: "},
		{"raw that is too deep", holder{Raw: contract.RawJSON(strings.Repeat("[", 63) + strings.Repeat("]", 63))}, wire.ErrDepth, "Raw: "},
	} {
		t.Run(v.name, func(t *testing.T) {
			each(t, func(t *testing.T, c wire.Codec) {
				dst, err := c.AppendValue([]byte("before"), planOf[holder](t), reflectOf(v.v))
				if !errors.Is(err, v.want) || !strings.HasPrefix(err.Error(), v.says) || strings.Contains(err.Error(), "secret") {
					t.Errorf("%v, want one that begins %q", err, v.says)
				}
				if string(dst) != "before" {
					t.Errorf("dst is %q", dst)
				}
			})
		})
	}
}

// What one codec reads the others can write: who else listens makes no difference.
func TestJSON_numbersThatNoCodecCanPassOn(t *testing.T) {
	p := planOf[contract.RawJSON](t)
	for text, want := range map[string]error{
		"1e308": nil, "-1.5E+300": nil, "1e-999": nil, strings.Repeat("9", 308): nil, `"1e999"`: nil,
		"1e309": wire.ErrType, `[[-1E999],1]`: wire.ErrType, `{"a":1e999,"b":1}`: wire.ErrType, strings.Repeat("9", 310): wire.ErrType,
	} {
		var raw contract.RawJSON
		if err := wire.JSON.ReadValue([]byte(text), p, settable(&raw)); !errors.Is(err, want) || want != nil && raw != nil {
			t.Errorf("%.20s is read as %.20s: %v, want %v", text, raw, err, want)
		}
	}
}

func TestCodecs_aValueThatContainsItselfEnds(t *testing.T) {
	loop := &tree{}
	loop.Past = loop
	list := make(odd, 1)
	list[0] = list
	dict := oddMap{}
	dict["a"] = dict
	each(t, func(t *testing.T, c wire.Codec) {
		for _, v := range []any{loop, list, dict} {
			p, err := wire.PlanOf(reflect.TypeOf(v))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.AppendValue(nil, p, reflectOf(v)); !errors.Is(err, wire.ErrDepth) {
				t.Errorf("%T: %v", v, err)
			}
		}
	})
}

// A writer's deepest value is a reader's deepest, and a decoder's.
func TestCodecs_whatIsWrittenCanBeRead(t *testing.T) {
	p := planOf[odd](t)
	each(t, func(t *testing.T, c wire.Codec) {
		v := odd{}
		for range wire.MaxDepth - 2 { // the message is level 1
			v = odd{v}
		}
		write := func(v odd) []byte {
			raw, err := c.AppendValue(nil, p, reflectOf(v))
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		inner := write(v[0])
		raw := write(v)
		// One level more than can be written.
		deeper := append([]byte{0x91}, raw...)
		if c == wire.JSON {
			deeper = []byte("[" + string(raw) + "]")
		}
		if _, err := c.AppendValue(nil, p, reflectOf(odd{v})); !errors.Is(err, wire.ErrDepth) {
			t.Errorf("one level more is written: %v", err)
		}
		var m wire.Message
		for want, values := range map[error][][]byte{nil: {inner, raw}, wire.ErrDepth: {deeper}} {
			for _, value := range values {
				var back odd
				if err := c.ReadValue(value, p, settable(&back)); !errors.Is(err, want) {
					t.Errorf("read: %v, want %v", err, want)
				}
				var held contract.RawJSON
				if err := c.ReadValue(value, planOf[contract.RawJSON](t), settable(&held)); !errors.Is(err, want) {
					t.Errorf("read as RawJSON: %v, want %v", err, want)
				}
				frame := c.Append(nil, &wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), Value: value})
				msg, _, _ := c.Split(frame, len(frame))
				if err := c.Decode(msg, &m); !errors.Is(err, want) {
					t.Errorf("decoded: %v, want %v", err, want)
				}
			}
		}
	})
}
