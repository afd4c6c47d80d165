package ui_test

import (
	"fmt"
	"testing"

	"partline.dev/app/ui"
)

func TestLines_keepTheNewest(t *testing.T) {
	var l ui.Lines
	if l.Len() != 0 || len(l.All()) != 0 {
		t.Fatal("the zero value is not empty")
	}
	for i := range ui.MaxLines + 3 {
		l.Add(ui.Line{Name: "n", Text: fmt.Sprint(i)})
	}
	all := l.All()
	if l.Len() != ui.MaxLines || len(all) != ui.MaxLines {
		t.Fatalf("%d lines are kept", l.Len())
	}
	if first, last := all[0].Text, all[len(all)-1].Text; first != "3" || last != fmt.Sprint(ui.MaxLines+2) {
		t.Errorf("the lines go from %s to %s", first, last)
	}
}

func TestLines_copyIsASnapshot(t *testing.T) {
	var l ui.Lines
	for i := range ui.MaxLines {
		l.Add(ui.Line{Name: "n", Text: fmt.Sprint(i)})
	}
	before := l
	l.Add(ui.Line{Name: "n", Text: "new"})
	l.Add(ui.Line{Name: "n", Text: "newer"})
	if all := before.All(); len(all) != ui.MaxLines || all[0].Text != "0" || all[len(all)-1].Text != fmt.Sprint(ui.MaxLines-1) {
		t.Error("adding to the original changed the copy")
	}
}
