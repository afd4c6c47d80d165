package tenants_test

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/fresh"
	"partline.dev/server/hub"
	"partline.dev/server/tenants"
)

func TestOpen_saysWhatIsWrong(t *testing.T) {
	if _, err := tenants.Open(slog.New(slog.DiscardHandler), filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
	path := written(t, "tenants:\n  a:\n    host: x\n    guests: any\n")
	want := path + ":3: the tenant a has no \"host\"; did you mean hosts?\n" + path + ":4: guests cannot be \"any\"; there are nobody, named and anybody"
	if f, err := tenants.Open(slog.New(slog.DiscardHandler), path); f != nil || err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// A changed file is followed; one with a mistake is refused as a whole, told once
// by its lines, and the book before it stays.
func TestFile_followsTheFile(t *testing.T) {
	path := written(t, "tenants: {a: {guests: named}}")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		f, err := tenants.Open(slog.New(slog.NewTextHandler(&said, nil)), path)
		if err != nil {
			t.Fatal(err)
		}
		first := f.Now()
		time.Sleep(fresh.Period)
		if f.Now() != first {
			t.Error("the file is the same, and the book another")
		}

		put("tenants: {a: {guests: anybody}, b: {}}")
		time.Sleep(fresh.Period)
		second := f.Now()
		if second == first || second.Tenant("b") == nil || second.Tenant("a").Guests != tenants.Anybody || first.Tenant("a").Guests != tenants.Named {
			t.Fatalf("the book is\n%v", second)
		}

		put("tenants:\n  a: {}\n  c: {guests: al, places: al,\n    hosts: [x]}\n")
		for range 3 {
			time.Sleep(fresh.Period)
			if f.Now() != second {
				t.Fatalf("a bad file made a book:\n%v", f.Now())
			}
		}
		for _, line := range []string{path + `:3: guests cannot be`, path + `:3: places cannot be`, path + `:4: \"x\" is no site`} {
			if n := strings.Count(said.String(), line); n != 1 {
				t.Errorf("%s was told %d times:\n%s", line, n, said.String())
			}
		}

		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(fresh.Period)
		if f.Now() != second {
			t.Error("without a file the book is another")
		}

		put("tenants: {c: {}}")
		time.Sleep(fresh.Period)
		if f.Now().Only() == nil || f.Now().Only().Name != "c" {
			t.Errorf("after the mistakes the book is\n%v", f.Now())
		}
	})
}

// Whoever reads while the file changes has one book or the other, whole.
func TestFile_ofManyReaders(t *testing.T) {
	path := written(t, "tenants: {a: {}}")
	synctest.Test(t, func(t *testing.T) {
		f, err := tenants.Open(slog.New(slog.DiscardHandler), path)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range []string{"tenants: {a: {}, b: {guests: named}}", "tenants: {a", "tenants: {a: {}, b: {}}", "tenants: {a: {hosts: nothing}}", "tenants: {a: {}}"} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			time.Sleep(fresh.Period)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					b := f.Now()
					for _, one := range b.All() {
						if b.Tenant(one.Name) != one || one.Rules(hub.Principal{ID: "ann"}, "chat") == nil {
							t.Errorf("after the file %d the book is in pieces", i)
						}
					}
				})
			}
			all.Wait()
		}
		if b := f.Now(); b.Only() == nil {
			t.Errorf("in the end the book is\n%v", b)
		}
	})
}
