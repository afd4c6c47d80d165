package hubtest_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// fakeTest is a test that may fail without failing the one that runs it.
type fakeTest struct {
	testing.TB // nil: what is not below is not called

	cleanups []func()
	said     []string
	logged   strings.Builder
}

func (f *fakeTest) Helper()                   {}
func (f *fakeTest) Context() context.Context  { return context.Background() }
func (f *fakeTest) Cleanup(c func())          { f.cleanups = append(f.cleanups, c) }
func (f *fakeTest) Output() io.Writer         { return &f.logged }
func (f *fakeTest) Fatal(args ...any)         { f.fail(fmt.Sprint(args...)) }
func (f *fakeTest) Fatalf(s string, a ...any) { f.fail(fmt.Sprintf(s, a...)) }
func (f *fakeTest) Errorf(s string, a ...any) { f.said = append(f.said, fmt.Sprintf(s, a...)) }
func (f *fakeTest) fail(why string)           { f.said = append(f.said, why); runtime.Goexit() }

// run runs a test function as package testing does, and returns why it failed.
func (f *fakeTest) run(test func(t testing.TB)) string {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		test(f)
	}()
	<-ended
	f.finish()
	return strings.Join(f.said, "\n")
}

// finish ends the test.
func (f *fakeTest) finish() {
	for _, cleanup := range slices.Backward(f.cleanups) {
		cleanup()
	}
}
