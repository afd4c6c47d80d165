package fresh_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/fresh"
)

// words is a value of two files.
func words(contents [][]byte) (string, error) {
	both := string(bytes.Join(contents, []byte(" ")))
	if strings.Contains(both, "bad") {
		return "", errors.New("that is no word")
	}
	return both, nil
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestGet_followsTheFiles(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write(t, a, "one")
	write(t, b, "two")
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		v, err := fresh.Read(slog.New(slog.NewTextHandler(&said, nil)), words, a, b)
		if err != nil {
			t.Fatal(err)
		}
		want := func(want string) {
			t.Helper()
			if got := v.Get(); got != want {
				t.Errorf("the value is %q, not %q", got, want)
			}
		}
		want("one two")

		write(t, b, "three")
		want("one two")
		time.Sleep(fresh.Period)
		want("one three")

		write(t, a, "bad")
		time.Sleep(fresh.Period)
		want("one three")
		time.Sleep(fresh.Period)
		want("one three")
		if n := strings.Count(said.String(), "that is no word"); n != 1 {
			t.Errorf("that the files are bad was told %d times, not once:\n%s", n, said.String())
		}

		os.Remove(a)
		time.Sleep(fresh.Period)
		want("one three")
		if !strings.Contains(said.String(), "no such file") {
			t.Errorf("nobody was told that a file is missing:\n%s", said.String())
		}

		write(t, a, "four")
		time.Sleep(fresh.Period)
		want("four three")
	})
}

func TestLook_isSooner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	write(t, path, "one")
	synctest.Test(t, func(t *testing.T) {
		v, err := fresh.Read(slog.New(slog.DiscardHandler), words, path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, "two")
		time.Sleep(time.Second)
		if got := v.Get(); got != "one" {
			t.Errorf("Get looked after a second and says %q", got)
		}
		if got := v.Look(); got != "two" {
			t.Errorf("Look says %q", got)
		}
	})
}

func TestRead_saysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	bad, long := filepath.Join(dir, "bad"), filepath.Join(dir, "long")
	write(t, bad, "bad")
	write(t, long, strings.Repeat("a", fresh.MaxFile+1))
	for path, want := range map[string]string{
		bad:                       "that is no word",
		long:                      "longer than",
		filepath.Join(dir, "non"): "no such file",
	} {
		if _, err := fresh.Read(slog.New(slog.DiscardHandler), words, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, and should say %q", path, err, want)
		}
	}
}

func TestGet_ofManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	write(t, path, "0")
	synctest.Test(t, func(t *testing.T) {
		v, err := fresh.Read(slog.New(slog.DiscardHandler), words, path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			want := strings.Repeat("1", i+1)
			write(t, path, want)
			time.Sleep(fresh.Period)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() { v.Get() })
			}
			all.Wait()
			if got := v.Get(); got != want {
				t.Fatalf("the value is %q, not %q", got, want)
			}
		}
	})
}
