package wire_test

import (
	"reflect"
	"testing"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

const usualLine = "Hello World from App Part 1, and some more text to make it a usual line of chat"

// eachBench runs f for both codecs.
func eachBench(b *testing.B, f func(b *testing.B, c wire.Codec)) {
	b.Helper()
	for _, c := range codecs {
		b.Run(c.Name(), func(b *testing.B) { f(b, c) })
	}
}

// sendArguments is the plan of a usual call.
func sendArguments(b *testing.B) *wire.Arguments {
	b.Helper()
	p, err := wire.ArgumentsOf(connected.SendMethod.Descriptor())
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// usualCall is a usual call as it arrives: its arguments, and the whole record.
func usualCall(b *testing.B, c wire.Codec) (arguments, record []byte) {
	b.Helper()
	arguments, err := c.AppendArguments(nil, sendArguments(b), reflect.ValueOf(connected.Send{Name: "Part One", Message: usualLine}))
	if err != nil {
		b.Fatal(err)
	}
	frame := c.Append(nil, &wire.Message{Kind: wire.Invocation, InvocationID: []byte("17"), Target: []byte("Send"), Arguments: arguments})
	record, _, err = c.Split(frame, len(frame))
	if err != nil {
		b.Fatal(err)
	}
	return arguments, record
}

func BenchmarkDecode(b *testing.B) {
	eachBench(b, func(b *testing.B, c wire.Codec) {
		_, record := usualCall(b, c)
		var m wire.Message
		b.SetBytes(int64(len(record)))
		b.ReportAllocs()
		for b.Loop() {
			if err := c.Decode(record, &m); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkReadArguments(b *testing.B) {
	eachBench(b, func(b *testing.B, c wire.Codec) {
		p := sendArguments(b)
		raw, _ := usualCall(b, c)
		var s connected.Send
		v := reflect.ValueOf(&s).Elem()
		b.SetBytes(int64(len(raw)))
		b.ReportAllocs()
		for b.Loop() {
			if err := c.ReadArguments(raw, p, v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	p, err := wire.ArgumentsOf(connected.BroadcastMessage.Descriptor())
	if err != nil {
		b.Fatal(err)
	}
	e := connected.Broadcast{Name: "Part One", Message: usualLine}
	v := reflect.ValueOf(&e).Elem()
	eachBench(b, func(b *testing.B, c wire.Codec) {
		var args, out []byte
		m := wire.Message{Kind: wire.Invocation, Target: []byte("broadcastMessage")}
		b.ReportAllocs()
		for b.Loop() {
			if args, err = c.AppendArguments(args[:0], p, v); err != nil {
				b.Fatal(err)
			}
			m.Arguments = args
			out = c.Append(out[:0], &m)
		}
		b.SetBytes(int64(len(out)))
	})
}

// BenchmarkRawJSON is a value that a program passes on without looking into it.
func BenchmarkRawJSON(b *testing.B) {
	const text = `{"name":"Part One","tags":["a","b","c"],"size":17,"ratio":2.5,"message":"` + usualLine + `"}`
	p, err := wire.PlanOf(reflect.TypeFor[contract.RawJSON]())
	if err != nil {
		b.Fatal(err)
	}
	eachBench(b, func(b *testing.B, c wire.Codec) {
		held := contract.RawJSON(text)
		v := reflect.ValueOf(&held).Elem()
		var out []byte
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if out, err = c.AppendValue(out[:0], p, v); err != nil {
				b.Fatal(err)
			}
			if err = c.ReadValue(out, p, v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
