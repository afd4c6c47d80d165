package hub_test

import (
	"testing"

	"partline.dev/server/hub"
)

// answerSink tells of every message.
type answerSink struct {
	wellSink
	heard chan struct{}
}

func (s *answerSink) Send(e *hub.Event) error {
	err := s.wellSink.Send(e)
	s.heard <- struct{}{}
	return err
}

// BenchmarkCall is what one invocation costs the core, from the bytes of the call
// to those of the answer, its worker's start included.
func BenchmarkCall(b *testing.B) {
	core := hub.NewCore(hub.Env{
		Now:   func() int64 { return 0 },
		After: func(int64, func()) func() bool { return func() bool { return true } },
		Go:    func(f func()) { go f() }, // each has ended when the next call is answered
	}, nil)
	if err := core.Mount(talk(nil)); err != nil {
		b.Fatal(err)
	}
	sink := &answerSink{heard: make(chan struct{})}
	conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "c", Codec: counting, Sink: sink})
	if err != nil {
		b.Fatal(err)
	}
	in := []byte(`{"type":1,"invocationId":"1","target":"Add","arguments":[1,2]}` + rs)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Receive(in); err != nil {
			b.Fatal(err)
		}
		<-sink.heard
	}
}

// BenchmarkConnCall is the same for an invocation that a front door has read.
func BenchmarkConnCall(b *testing.B) {
	core := hub.NewCore(hub.Env{
		Now:   func() int64 { return 0 },
		After: func(int64, func()) func() bool { return func() bool { return true } },
		Go:    func(f func()) { go f() }, // each has ended when the next call is answered
	}, nil)
	if err := core.Mount(talk(nil)); err != nil {
		b.Fatal(err)
	}
	conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "c", Codec: counting, Sink: &wellSink{}})
	if err != nil {
		b.Fatal(err)
	}
	answers := make(chan hub.Answer)
	call := hub.Call{
		Method: "Add", Arguments: []byte("[1,2]"), Count: 2, State: []byte(`{"user":"ann"}`),
		Answer: func(a hub.Answer) { answers <- a },
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Call(call); err != nil {
			b.Fatal(err)
		}
		if a := <-answers; a.Err != nil {
			b.Fatal(a.Err)
		}
	}
}
