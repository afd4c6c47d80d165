// Package yamlfiletest is how tests of a kind of configuration file say what is wrong
// with one: in the line where it is.
//
//	tenants:
//	  a: {guest: named} #! the tenant a has no "guest"; did you mean guests?
//
// Nothing here has state or blocks.
package yamlfiletest

import (
	"errors"
	"strings"
	"testing"

	"partline.dev/server/yamlfile"
)

// Mistakes fails the test unless err has the mistakes that the file says, in its
// order, and no others. What is behind "#! " in a line are those of the line, each by
// how its text begins, with " | " between them.
func Mistakes(t testing.TB, file string, err error) {
	t.Helper()
	var wrong yamlfile.Mistakes
	if !errors.As(err, &wrong) {
		t.Fatalf("it is not refused by its lines: %v", err)
	}
	for i, line := range strings.Split(file, "\n") {
		_, comment, marked := strings.Cut(line, "#! ")
		if !marked {
			continue
		}
		for says := range strings.SplitSeq(comment, " | ") {
			if len(wrong) == 0 {
				t.Errorf("line %d lacks %q", i+1, says)
				continue
			}
			if wrong[0].Line != i+1 || !strings.HasPrefix(wrong[0].Text, says) {
				t.Errorf("line %d lacks %q; the next is %v", i+1, says, wrong[0])
			}
			wrong = wrong[1:]
		}
	}
	for _, m := range wrong {
		t.Errorf("besides: %v", m)
	}
}
