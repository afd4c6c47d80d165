package wire_test

import (
	"reflect"
	"testing"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
)

func BenchmarkDecode(b *testing.B) {
	msg := []byte(`{"type":1,"invocationId":"17","target":"Send","arguments":["Part One","Hello World from App Part 1, and some more text to make it a usual line of chat"]}`)
	var m wire.Message
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		if err := wire.JSON.Decode(msg, &m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadArguments(b *testing.B) {
	raw := []byte(`["Part One","Hello World from App Part 1, and some more text to make it a usual line of chat"]`)
	p, err := wire.ArgumentsOf(connected.SendMethod.Descriptor())
	if err != nil {
		b.Fatal(err)
	}
	var s connected.Send
	v := reflect.ValueOf(&s).Elem()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if err := wire.JSON.ReadArguments(raw, p, v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	p, err := wire.ArgumentsOf(connected.BroadcastMessage.Descriptor())
	if err != nil {
		b.Fatal(err)
	}
	e := connected.Broadcast{Name: "Part One", Message: "Hello World from App Part 1, and some more text to make it a usual line of chat"}
	v := reflect.ValueOf(&e).Elem()
	var args, out []byte
	m := wire.Message{Kind: wire.Invocation, Target: []byte("broadcastMessage")}
	b.ReportAllocs()
	for b.Loop() {
		if args, err = wire.JSON.AppendArguments(args[:0], p, v); err != nil {
			b.Fatal(err)
		}
		m.Arguments = args
		out = wire.JSON.Append(out[:0], &m)
	}
	b.SetBytes(int64(len(out)))
}
