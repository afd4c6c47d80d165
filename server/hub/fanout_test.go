package hub_test

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// countingCodec is JSON that counts how often something is encoded.
type countingCodec struct {
	wire.Codec
	encoded *atomic.Int64
}

func (c countingCodec) AppendArguments(dst []byte, p *wire.Arguments, v reflect.Value) ([]byte, error) {
	c.encoded.Add(1)
	return c.Codec.AppendArguments(dst, p, v)
}

var (
	encodedCount atomic.Int64
	counting     = countingCodec{wire.JSON, &encodedCount}
	countingForm = hub.NewEncoding(counting, nil)
)

// wellSink takes everything and keeps nothing.
type wellSink struct{ bytes atomic.Int64 }

func (s *wellSink) Room() <-chan struct{} { return nil }

func (s *wellSink) Send(e *hub.Event) error {
	b, err := e.Bytes(countingForm)
	s.bytes.Add(int64(len(b)))
	return err
}

func (*wellSink) Close(hub.CloseReason) {}

// crowd mounts a hub with n connections that never read slowly.
func crowd(tb testing.TB, n int) *hub.Mux {
	m := talk(nil)
	core := hub.NewCore(hub.Env{
		Now:   func() int64 { return 0 },
		After: func(int64, func()) func() bool { return func() bool { return true } },
		Go:    func(f func()) { f() },
	}, nil)
	if err := core.Mount(m); err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		o := hub.OpenOptions{Hub: "talk", ID: fmt.Sprint("c", i), Codec: counting, Sink: &wellSink{}}
		if _, err := core.Open(o); err != nil {
			tb.Fatal(err)
		}
	}
	return m
}

func TestBroadcast_encodesOnceAndAllocatesNothingPerDelivery(t *testing.T) {
	broadcast := func(n int) (allocs float64, encodes int64) {
		m := crowd(t, n)
		ctx := t.Context()
		before := encodedCount.Load()
		const runs = 100
		allocs = testing.AllocsPerRun(runs, func() {
			if err := hub.Publish(ctx, m.All(), heardEvent, say{"hello, everybody"}); err != nil {
				t.Fatal(err)
			}
		})
		return allocs, (encodedCount.Load() - before) / (runs + 1) // AllocsPerRun warms up with one
	}
	one, encodesOne := broadcast(1)
	many, encodesMany := broadcast(1000)
	if encodesOne != 1 || encodesMany != 1 {
		t.Errorf("encoded %d times for 1 connection and %d times for 1,000, want once", encodesOne, encodesMany)
	}
	if many > one {
		t.Errorf("%.0f allocations for 1,000 deliveries, %.0f for one: want no more", many, one)
	}
	t.Logf("allocations a broadcast: %.0f, to 1 or to 1,000 connections", many)
}

func BenchmarkBroadcast(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := crowd(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if err := hub.Publish(b.Context(), m.All(), heardEvent, say{"hello, everybody"}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/delivery")
		})
	}
}

func BenchmarkJoinLeave(b *testing.B) {
	m := crowd(b, 1000)
	for i := range 999 {
		if err := m.Join(fmt.Sprint("c", i+1), "group"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Join("c0", "group"); err != nil {
			b.Fatal(err)
		}
		if err := m.Leave("c0", "group"); err != nil {
			b.Fatal(err)
		}
	}
}
