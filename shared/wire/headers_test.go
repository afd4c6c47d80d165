package wire_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"partline.dev/shared/wire"
)

// carried sends an event with headers from one end to the other.
func carried(t *testing.T, c wire.Codec, list []wire.Header) []wire.Header {
	t.Helper()
	frame := c.Append(nil, &wire.Message{Kind: wire.Invocation, Target: []byte("heard"), Headers: list})
	record, rest, err := c.Split(frame, len(frame))
	if err != nil || len(rest) > 0 {
		t.Fatalf("%q is not one message: %v", frame, err)
	}
	var m wire.Message
	if err := c.Decode(record, &m); err != nil {
		t.Fatal(err)
	}
	return m.Headers
}

func TestHeaders_arriveAsTheyWere(t *testing.T) {
	longest := strings.Repeat("é", wire.MaxHeader/2)
	for _, list := range [][]wire.Header{
		nil,
		{{"from-id", "ann"}},
		{{"b", ""}, {"a", "1"}, {"b", "2"}, {"", "\x1e\"\\\n\u202e"}},
		{{longest, longest}},
	} {
		each(t, func(t *testing.T, c wire.Codec) {
			if got := carried(t, c, list); !reflect.DeepEqual(got, list) {
				t.Errorf("%.100q became %.100q", list, got)
			}
		})
	}
}

func TestHeaders_thatAreTooManyOrTooLongAreLeftOut(t *testing.T) {
	long := strings.Repeat("n", wire.MaxHeader+1)
	list := []wire.Header{{long, "a"}, {"a", long}}
	for i := range 100 {
		list = append(list, wire.Header{Name: fmt.Sprint("n", i), Value: "v"})
	}
	each(t, func(t *testing.T, c wire.Codec) {
		if got, want := carried(t, c, list), list[2:2+wire.MaxHeaders]; !reflect.DeepEqual(got, want) {
			t.Errorf("%.200q are kept, not %q", got, want)
		}
	})
}

func TestHeaders_ofOtherKindsAreNotWritten(t *testing.T) {
	each(t, func(t *testing.T, c wire.Codec) {
		for k := wire.StreamItem; k <= wire.Sequence; k++ {
			m := wire.Message{Kind: k, InvocationID: []byte("1"), Target: []byte("t")}
			plain := c.Append(nil, &m)
			m.Headers = []wire.Header{{"a", "b"}}
			if got := c.Append(nil, &m); string(got) != string(plain) {
				t.Errorf("kind %d is %q", k, got)
			}
		}
	})
}

func TestHeaders_textThatIsNotUTF8(t *testing.T) {
	each(t, func(t *testing.T, c wire.Codec) {
		if got := carried(t, c, []wire.Header{{"a\xff", "b\xff"}}); !reflect.DeepEqual(got, []wire.Header{{"a\uFFFD", "b\uFFFD"}}) {
			t.Errorf("it is written as %q", got)
		}
	})
	for _, headers := range []string{`{"a\xff":"b"}`, "{\"a\":\"b\xff\"}", `{"a":"\ud800"}`, `{"\ud800":"a"}`} {
		headers = strings.ReplaceAll(headers, `\xff`, "\xff")
		if m, err := decode(t, `{"type":1,"target":"t","arguments":[],"headers":`+headers+`}`); !errors.Is(err, wire.ErrUTF8) {
			t.Errorf("%q is read as %q, %v", headers, m.Headers, err)
		}
	}
	packRefused(t, pack("95 01 81 a1'a' a1'\xff' c0 a1't' 90"), wire.ErrUTF8)
	packRefused(t, pack("95 01 81 a1'\xff' 01 c0 a1't' 90"), wire.ErrUTF8)
}

func TestHeaders_thatAreNoTextsAreLeftOut(t *testing.T) {
	for headers, want := range map[string][]wire.Header{
		`{"a":1,"b":"2","c":{"d":"e"},"f":["g"],"h":null,"i":true,"j":"k"}`: {{"b", "2"}, {"j", "k"}},
		`{}`: nil, `null`: nil, `[]`: nil, `["a","b"]`: nil, `"a"`: nil, `7`: nil,
		`{"\u0061":"\u0062"}`: {{"a", "b"}},
	} {
		if m, err := decode(t, `{"type":1,"target":"t","arguments":[],"headers":`+headers+`}`); err != nil || !reflect.DeepEqual(m.Headers, want) {
			t.Errorf("%s is %q, %v", headers, m.Headers, err)
		}
	}
	m, err := unpack(t, pack("95 01 85 a1'a' 01 a1'b' a1'2' c0 a1'x' a1'c' 91 a1'd' c4 01'e' a1'f' c0 a1't' 90"))
	if want := []wire.Header{{"b", "2"}}; err != nil || !reflect.DeepEqual(m.Headers, want) {
		t.Errorf("%q, %v", m.Headers, err)
	}
}
