package wire_test

import (
	"reflect"
	"testing"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// sample is a struct of everything that can be written without a sort.
type sample struct {
	Flag  bool
	Count int32
	Size  uint64
	Ratio float64
	Text  string
	Bytes []byte
	At    time.Time
	Past  *connected.Send
	List  []connected.Send
	Level level
	Hue   colour
	Raw   contract.RawJSON
}

func TestAllocs_decodingNeedsNone(t *testing.T) {
	for _, c := range packed {
		if len(c.m.StreamIDs)+len(c.m.Headers) > 0 {
			continue // they are strings of their own
		}
		b := pack(c.bytes)
		var m wire.Message
		if n := testing.AllocsPerRun(100, func() {
			if err := wire.MessagePack.Decode(b, &m); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
	for _, record := range []string{
		`{"type":1,"invocationId":"1","target":"Send","arguments":["a\u00e9",{"b":[1,2.5,"\n"]},true,null],"headers":{"x":1,"y":{}}}`,
		`{"type":4,"invocationId":"1","target":"Replay","arguments":[],"headers":{"x":"y"}}`,
		`{"type":2,"invocationId":"1","item":{"a":"b"}}`,
		`{"type":3,"invocationId":"1","result":null}`,
		`{"type":6}`,
		`{"type":7,"error":"no","allowReconnect":true}`,
		`{"type":9,"sequenceId":123456789}`,
		`{"type":99,"more":1}`,
	} {
		b := []byte(record)
		var m wire.Message
		if n := testing.AllocsPerRun(100, func() {
			if err := wire.JSON.Decode(b, &m); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", record, n)
		}
	}
}

func TestAllocs_anEscapeForcesOne(t *testing.T) {
	b := []byte(`{"type":1,"target":"S\u0065nd","arguments":[]}`)
	var m wire.Message
	if n := testing.AllocsPerRun(100, func() {
		if err := wire.JSON.Decode(b, &m); err != nil {
			t.Fatal(err)
		}
	}); n != 1 {
		t.Errorf("%v allocations", n)
	}
}

func TestAllocs_headersThatAreKept(t *testing.T) {
	m := wire.Message{Kind: wire.Invocation, Target: []byte("t"), Headers: []wire.Header{{"from-id", "ann-from-contoso"}, {"from-name", "Ann"}}}
	each(t, func(t *testing.T, c wire.Codec) {
		dst := make([]byte, 0, 256)
		if n := testing.AllocsPerRun(100, func() { dst = c.Append(dst[:0], &m) }); n != 0 {
			t.Errorf("%v allocations to write them", n)
		}
		record, _, err := c.Split(dst, 256)
		if err != nil {
			t.Fatal(err)
		}
		var back wire.Message
		// Four strings, and the list, which grows once.
		if n := testing.AllocsPerRun(100, func() {
			if err := c.Decode(record, &back); err != nil {
				t.Fatal(err)
			}
		}); n > 6 {
			t.Errorf("%v allocations to read them", n)
		}
	})
}

func TestAllocs_writingNeedsNone(t *testing.T) {
	v := sample{
		Text: "a\nb", Bytes: []byte("bytes"), At: time.Now(), Past: &connected.Send{Name: "n"}, Ratio: 1.5,
		List: []connected.Send{{Name: "a"}, {Message: "b"}}, Hue: 1, Raw: contract.RawJSON(`{"a":[1,2.5,"x",null,true]}`),
	}
	p := planOf[sample](t)
	args := argumentsOf[sample](t)
	dst := make([]byte, 0, 4096)
	m := wire.Message{Kind: wire.Invocation, InvocationID: []byte("1"), Target: []byte("t")}
	addressed, plain := settable(&v), reflectOf(v)
	each(t, func(t *testing.T, c wire.Codec) {
		for i, value := range []func() error{
			func() error { _, err := c.AppendValue(dst, p, addressed); return err },
			func() error { _, err := c.AppendValue(dst, p, plain); return err },
			func() error { _, err := c.AppendArguments(dst, args, addressed); return err },
			func() (err error) {
				if m.Arguments, err = c.AppendArguments(dst, args, plain); err == nil {
					c.Append(m.Arguments[len(m.Arguments):], &m)
				}
				return err
			},
		} {
			if n := testing.AllocsPerRun(100, func() {
				if err := value(); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("case %d: %v allocations", i, n)
			}
		}
	})
}

func TestAllocs_aPlanIsMadeOnce(t *testing.T) {
	typ := reflect.TypeFor[sample]()
	d := contract.NewMethod[sample, contract.None](chat, "kept").Descriptor()
	argumentsAndPlan := func() {
		if _, err := wire.PlanOf(typ); err != nil {
			t.Fatal(err)
		}
		if _, err := wire.ArgumentsOf(d); err != nil {
			t.Fatal(err)
		}
	}
	argumentsAndPlan()
	if n := testing.AllocsPerRun(100, argumentsAndPlan); n != 0 {
		t.Errorf("%v allocations to look them up", n)
	}
}

// Reading allocates the strings and slices that it makes, and nothing else.
func TestAllocs_readingNeedsWhatItKeeps(t *testing.T) {
	p, err := wire.ArgumentsOf(connected.SendMethod.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, c wire.Codec) {
		s := connected.Send{Name: "Part One", Message: "Hello World from App Part 1"}
		v := settable(&s)
		raw, err := c.AppendArguments(nil, p, v)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() {
			if err := c.ReadArguments(raw, p, v); err != nil {
				t.Fatal(err)
			}
		}); n != 2 {
			t.Errorf("%v allocations for two strings", n)
		}
	})
}

func TestAllocs_readingNumbersAndEnumsNeedsNone(t *testing.T) {
	type plain struct {
		Flag  bool
		Count int32
		Size  uint64
		Ratio float64
		Hue   colour
		At    time.Time
	}
	p := planOf[plain](t)
	each(t, func(t *testing.T, c wire.Codec) {
		v := plain{Count: -7, Size: 1 << 40, Ratio: 2.5, Hue: 1, At: time.Unix(1, 2)}
		raw, err := c.AppendValue(nil, p, reflectOf(v))
		if err != nil {
			t.Fatal(err)
		}
		into := settable(&v)
		most := 0.0
		if c == wire.JSON {
			most = 1 // the text of a time
		}
		if n := testing.AllocsPerRun(100, func() {
			if err := c.ReadValue(raw, p, into); err != nil {
				t.Fatal(err)
			}
		}); n > most {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestAllocs_aLongListIsNotCopiedOften(t *testing.T) {
	var list []int64
	p, v := planOf[[]int64](t), settable(&list)
	each(t, func(t *testing.T, c wire.Codec) {
		raw, err := c.AppendValue(nil, p, reflectOf(make([]int64, 10_000)))
		if err != nil {
			t.Fatal(err)
		}
		n := testing.AllocsPerRun(10, func() {
			if err := c.ReadValue(raw, p, v); err != nil {
				t.Fatal(err)
			}
		})
		if n > 16 || len(list) != 10_000 {
			t.Errorf("%v allocations for %d numbers", n, len(list))
		}
	})
}
