package testhubs

import (
	"fmt"
	"strings"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/testhub"
)

func handleValues(m *hub.Mux) {
	hub.Handle(m, testhub.KindsMethod, func(_ *hub.Context, r testhub.KindsValue) (testhub.Kinds, error) {
		return r.Value, nil
	})
	hub.Handle(m, testhub.FixedKindsMethod, func(*hub.Context, testhub.None) (testhub.Kinds, error) {
		return fixedKinds(), nil
	})
	hub.Handle(m, testhub.PlaceMethod, func(x *hub.Context, p testhub.Placed) (testhub.None, error) {
		return testhub.None{}, hub.Publish(x, x.Caller(), testhub.PlacedEvent, p)
	})
	hub.Handle(m, testhub.TypedMethod, typed)
	hub.Handle(m, testhub.SizeMethod, size)
}

func fixedKinds() testhub.Kinds {
	return testhub.Kinds{
		Yes: true, Small: 127, Whole: 1, Large: 1 << 40, Positive: 2, Half: 0.25, Third: 0.75,
		Text:    "hello world",
		Bytes:   []byte{1, 2, 3},
		Moment:  time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
		GUID:    "00010203-0405-0607-0706-050403020100",
		Numbers: []int{1, 2, 3},
		Table:   map[string]int{},
		Place:   testhub.Place{Name: "here", X: 1, Y: -1},
		Places:  []testhub.Place{},
		Nobody:  &testhub.Place{},
		Colour:  testhub.Green,
		Level:   -1,
	}
}

func typed(_ *hub.Context, a testhub.Typed) (string, error) {
	d := "none"
	if a.D != nil {
		d = fmt.Sprint(*a.D)
	}
	return fmt.Sprint(a.A, " ", a.B, " ", a.C, " ", d), nil
}

func size(_ *hub.Context, r testhub.Size) (string, error) {
	if r.Bytes < 0 || r.Bytes > 1<<20 {
		return "", hub.Errorf("%d bytes are less than none or more than a MiB", r.Bytes)
	}
	return strings.Repeat("0123456789", r.Bytes/10+1)[:r.Bytes], nil
}
