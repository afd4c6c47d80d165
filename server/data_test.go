package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/server"
)

func TestData_isMadeForItsOwnerWithKeysInIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	serve(t, func(o *server.Options) { o.Data = dir })
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "keys"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, not %04o", path, info.Mode().Perm(), want)
		}
	}
	if err := server.RotateKeys(dir, ""); err != nil {
		t.Error(err)
	}
	serve(t, func(o *server.Options) { o.Data = dir })
}

func TestData_ofNobodyLittersNothing(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	serve(t, nil)
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("the zero options left %v, %v", files, err)
	}
}

func TestData_keysElsewhere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "shared")
	serve(t, func(o *server.Options) { o.Data, o.Keys = filepath.Join(dir, "data"), file })
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "keys")); err == nil {
		t.Error("there are keys in the data folder too, which nobody uses")
	}
}

func TestData_saysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	file, open := filepath.Join(dir, "file"), filepath.Join(dir, "open")
	if err := os.WriteFile(file, []byte("secret words"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]server.Options{
		"name a folder":     {Data: filepath.Join(file, "below")},
		"chmod o-w " + open: {Data: open},
		"chmod 600 " + file: {Keys: file},
		"is a directory":    {Keys: dir},
	} {
		_, err := server.New(o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, and should say %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret words") {
			t.Errorf("the error tells what is in the file: %v", err)
		}
	}
	if err := server.RotateKeys(dir, ""); err == nil || !strings.Contains(err.Error(), "--keys") {
		t.Errorf("a rotation without keys: %v", err)
	}
}
