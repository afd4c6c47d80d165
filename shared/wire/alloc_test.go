package wire_test

import (
	"reflect"
	"strings"
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
}

func TestAllocs_decodingNeedsNone(t *testing.T) {
	for _, record := range []string{
		`{"type":1,"invocationId":"1","target":"Send","arguments":["a\u00e9",{"b":[1,2.5,"\n"]},true,null],"headers":{"x":"y"}}`,
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

func TestAllocs_writingNeedsNone(t *testing.T) {
	v := sample{
		Text: "a\nb", Bytes: []byte("bytes"), At: time.Now(), Past: &connected.Send{Name: "n"}, Ratio: 1.5,
		List: []connected.Send{{Name: "a"}, {Message: "b"}},
	}
	p := planOf[sample](t)
	args := argumentsOf[sample](t)
	dst := make([]byte, 0, 4096)
	m := wire.Message{Kind: wire.Invocation, InvocationID: []byte("1"), Target: []byte("t")}
	addressed, plain := settable(&v), reflectOf(v)
	for i, value := range []func() error{
		func() error { _, err := wire.JSON.AppendValue(dst, p, addressed); return err },
		func() error { _, err := wire.JSON.AppendValue(dst, p, plain); return err },
		func() error { _, err := wire.JSON.AppendArguments(dst, args, addressed); return err },
		func() (err error) {
			if m.Arguments, err = wire.JSON.AppendArguments(dst, args, plain); err == nil {
				wire.JSON.Append(m.Arguments[len(m.Arguments):], &m)
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
	raw := []byte(`["Part One","Hello World from App Part 1"]`)
	p, err := wire.ArgumentsOf(connected.SendMethod.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	var s connected.Send
	v := settable(&s)
	if n := testing.AllocsPerRun(100, func() {
		if err := wire.JSON.ReadArguments(raw, p, v); err != nil {
			t.Fatal(err)
		}
	}); n != 2 {
		t.Errorf("%v allocations for two strings", n)
	}
}

func TestAllocs_aLongListIsNotCopiedOften(t *testing.T) {
	raw := []byte("[0" + strings.Repeat(",0", 9999) + "]")
	var list []int64
	p, v := planOf[[]int64](t), settable(&list)
	n := testing.AllocsPerRun(10, func() {
		if err := wire.JSON.ReadValue(raw, p, v); err != nil {
			t.Fatal(err)
		}
	})
	if n > 16 || len(list) != 10_000 {
		t.Errorf("%v allocations for %d numbers", n, len(list))
	}
}
