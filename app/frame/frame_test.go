package frame_test

import (
	"slices"
	"testing"

	"partline.dev/app/frame"
)

func TestOpen_whereThereIsNoPage(t *testing.T) {
	p, other := frame.Open(), frame.Open()
	defer p.Close()
	defer other.Close()
	page, session := p.IDs()
	if len(page) != 22 || session != page {
		t.Errorf("the ids are %q and %q", page, session)
	}
	if same, _ := other.IDs(); same == page {
		t.Error("two of them have the same id")
	}
}

func TestPage_tellsOfChanges(t *testing.T) {
	p := frame.Open()
	defer p.Close()
	var told []string
	p.OnChange(func() {
		page, session := p.IDs()
		told = append(told, page+" "+session)
	})
	own, _ := p.IDs()
	const old, older = "old____0123456789abcde", "older__0123456789abcde"
	p.Hear(old, 2)
	p.Hear("younger0123456789abcde", 8e15)
	p.Hear(old, 2)
	p.Hear(older, 1)
	p.Hear(old, 2)
	p.Stored()
	p.Close()
	p.Close()
	want := []string{old + " " + old, older + " " + older, older + " " + older}
	if !slices.Equal(told, want) {
		t.Errorf("a page that was %s told %q, not %q", own, told, want)
	}
}
