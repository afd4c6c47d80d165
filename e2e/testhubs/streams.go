package testhubs

import (
	"bytes"
	"context"
	"iter"
	"strings"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/testhub"
)

func (h *testHub) handleStreams() {
	m := h.mux
	hub.HandleStream(m, testhub.CountStream, func(_ *hub.Context, c testhub.Count) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range c.Count {
				if !yield(c.From+i, nil) {
					return
				}
			}
		}
	})
	hub.HandleStream(m, testhub.LettersStream, func(*hub.Context, testhub.None) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			_ = yield("a", nil) && yield("b", nil) && yield("c", nil)
		}
	})
	hub.HandleStream(m, testhub.EmptyStream, func(*hub.Context, testhub.None) iter.Seq2[int, error] {
		return func(func(int, error) bool) {}
	})
	hub.HandleStream(m, testhub.EndlessStream, h.endless)
	hub.HandleStream(m, testhub.FailStream, failAfter)
	hub.HandleStream(m, testhub.BlobsStream, func(_ *hub.Context, b testhub.Blobs) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			blob := bytes.Repeat([]byte{'x'}, b.Bytes)
			for range b.Count {
				if !yield(blob, nil) {
					return
				}
			}
		}
	})
	hub.Handle(m, testhub.ConcatMethod, concat)
	hub.Handle(m, testhub.SumMethod, sum)
	hub.Handle(m, testhub.FirstMethod, first)
	hub.Handle(m, testhub.BytesMethod, countBytes)
	hub.HandleStream(m, testhub.DoubleStream, double)
}

// endless counts, every 5 ms, until nobody listens. Its caller is told of that,
// and so is the group canceled: the caller may have left.
func (h *testHub) endless(x *hub.Context, n testhub.Name) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		defer h.canceled(x.Principal().Tenant, x.ConnectionID(), n)
		for i := 0; yield(i, nil); i++ {
			select {
			case <-tick.C:
			case <-x.Done():
				return
			}
		}
	}
}

// canceled publishes from outside the call, whose context has ended.
func (h *testHub) canceled(tenant, connectionID string, n testhub.Name) {
	in := h.mux.In(tenant)
	for _, target := range []hub.Target{in.Client(connectionID), in.Group("canceled")} {
		_ = hub.Publish(context.Background(), target, testhub.CanceledEvent, n) // nobody is left to be told
	}
}

func failAfter(_ *hub.Context, f testhub.FailAfter) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range f.Items {
			if !yield(i, nil) {
				return
			}
		}
		yield(0, fail(f.How, f.Text))
	}
}

func concat(_ *hub.Context, r testhub.Texts) (string, error) {
	var all strings.Builder
	for text, err := range r.Texts.Values {
		if err != nil {
			return "", err
		}
		all.WriteString(text)
	}
	return all.String(), nil
}

func sum(_ *hub.Context, r testhub.Sum) (int, error) {
	total := 0
	for _, numbers := range []iter.Seq2[int, error]{r.Left.Values, r.Right.Values} {
		for n, err := range numbers {
			if err != nil {
				return 0, err
			}
			total += n
		}
	}
	return total * r.Factor, nil
}

func first(_ *hub.Context, r testhub.Texts) (string, error) {
	for text, err := range r.Texts.Values {
		return text, err
	}
	return "", hub.Errorf("there is no first text")
}

func countBytes(_ *hub.Context, r testhub.Bytes) (int, error) {
	n := 0
	for blob, err := range r.Blobs.Values {
		if err != nil {
			return 0, err
		}
		n += len(blob)
	}
	return n, nil
}

func double(_ *hub.Context, r testhub.Numbers) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for n, err := range r.Numbers.Values {
			if !yield(2*n, err) || err != nil {
				return
			}
		}
	}
}
