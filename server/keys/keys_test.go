package keys_test

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

	"partline.dev/server/keys"
)

var discard = slog.New(slog.DiscardHandler)

// fileAt is the path of a file that is not there yet, in a folder that is not
// there either.
func fileAt(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data", "keys")
}

func open(t *testing.T, path string) *keys.Ring {
	t.Helper()
	ring, err := keys.Open(discard, path)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != want {
		t.Errorf("%s has mode %04o, not %04o", path, info.Mode().Perm(), want)
	}
}

func TestOpen_makesTheFileForItsOwnerOnly(t *testing.T) {
	path := fileAt(t)
	open(t, path)
	wantMode(t, path, 0o600)
	wantMode(t, filepath.Dir(path), 0o700)
	first := content(t, path)
	open(t, path)
	if !bytes.Equal(content(t, path), first) {
		t.Error("the second Open changed the file")
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 {
		t.Errorf("beside the file there is something: %v, %v", names, err)
	}
}

func TestOpen_ofManyAtOnceGivesAllTheSame(t *testing.T) {
	path := fileAt(t)
	tokens := make([]*keys.Tokens, 16)
	var all sync.WaitGroup
	for i := range tokens {
		all.Go(func() {
			ring, err := keys.Open(discard, path)
			if err != nil {
				t.Error(err)
				return
			}
			tokens[i] = keys.NewTokens(ring)
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	token := tokens[0].Sign([16]byte{1}, "")
	for i, other := range tokens {
		if _, node, ok := other.Verify(token, ""); !ok || node != tokens[0].Node() {
			t.Errorf("process %d has other keys", i)
		}
	}
}

func TestOpen_saysWhatIsWrongAndNotWhatIsInIt(t *testing.T) {
	path := fileAt(t)
	open(t, path)
	good := string(content(t, path))
	secret := strings.TrimSpace(strings.SplitN(good, " ", 3)[2])
	for name, e := range map[string]struct {
		content string
		mode    fs.FileMode
		want    error
	}{
		"read by the group":   {good, 0o640, keys.ErrPermissions},
		"written by others":   {good, 0o602, keys.ErrPermissions},
		"empty":               {"", 0o600, keys.ErrContent},
		"no keys":             {"partline-keys 1\n", 0o600, keys.ErrContent},
		"cut":                 {good[:len(good)-5], 0o600, keys.ErrContent},
		"a key too short":     {strings.Replace(good, secret, secret[1:], 1), 0o600, keys.ErrContent},
		"another alphabet":    {strings.Replace(good, secret, "+"+secret[1:], 1), 0o600, keys.ErrContent},
		"a line too many":     {good + good, 0o600, keys.ErrContent},
		"a later version":     {strings.Replace(good, "keys 1", "keys 2", 1), 0o600, keys.ErrVersion},
		"something else":      {"-----BEGIN PRIVATE KEY-----\n" + secret, 0o600, keys.ErrContent},
		"bytes that are none": {"\x00\xff" + secret, 0o600, keys.ErrContent},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(e.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, e.mode); err != nil {
				t.Fatal(err)
			}
			_, err := keys.Open(discard, path)
			if !errors.Is(err, e.want) {
				t.Fatalf("the error is %v, not %v", err, e.want)
			}
			if !strings.Contains(err.Error(), path) {
				t.Errorf("the error does not name the file: %v", err)
			}
			if strings.Contains(err.Error(), secret[2:10]) {
				t.Errorf("the error tells the key: %v", err)
			}
			if err := keys.Rotate(path); !errors.Is(err, e.want) {
				t.Errorf("Rotate's error is %v, not %v", err, e.want)
			}
		})
	}
}

func TestOpen_ofAFolder(t *testing.T) {
	if _, err := keys.Open(discard, t.TempDir()); err == nil {
		t.Error("a folder was taken for keys")
	}
}

func TestRotate_needsAFile(t *testing.T) {
	if err := keys.Rotate(fileAt(t)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}

func TestRotate_keepsTheFileToItself(t *testing.T) {
	path := fileAt(t)
	open(t, path)
	for range 3 {
		before := content(t, path)
		if err := keys.Rotate(path); err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(before, content(t, path)) {
			t.Error("the file is as it was")
		}
		wantMode(t, path, 0o600)
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 {
		t.Errorf("beside the file there is something: %v, %v", names, err)
	}
}

func FuzzParse(f *testing.F) {
	const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	f.Add([]byte("partline-keys 1\ncurrent " + key + "\n"))
	f.Add([]byte("partline-keys 1\ncurrent " + key + "\nprevious " + key + "\n"))
	f.Add([]byte("partline-keys 2\nanything"))
	f.Add([]byte("partline-keys 1\r\ncurrent " + key + "\r\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, content []byte) {
		again, err := keys.Reparse(content)
		if err == nil && !bytes.Equal(again, content) {
			t.Errorf("%q is read as %q", content, again)
		}
	})
}

func TestParse_readsWhatAFileHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	ring, err := keys.Open(slog.New(slog.DiscardHandler), path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := keys.NewSigner(ring).Sign("use", []byte("payload"))
	for _, content := range []string{string(content), strings.TrimSpace(string(content)), string(content) + "\r\n\n"} {
		ring, err := keys.Parse([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := keys.NewSigner(ring).Verify("use", text); !ok {
			t.Errorf("%d bytes: what the file's keys have signed is not verified", len(content))
		}
	}
	for content, want := range map[string]error{"": keys.ErrContent, "partline-keys 9\n": keys.ErrVersion, string(content[:30]): keys.ErrContent} {
		if _, err := keys.Parse([]byte(content)); !errors.Is(err, want) {
			t.Errorf("%q: %v", content, err)
		}
	}
}
