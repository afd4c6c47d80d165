package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"partline.dev/server/keys"
)

// openData makes the data folder ready.
func openData(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("--data %s: %w; name a folder that this user may write with --data", dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	// On Windows a mode says nothing of who may write.
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o002 != 0 {
		return fmt.Errorf("--data %s has mode %04o: everybody may put keys of their own there; run chmod o-w %s", dir, mode, dir)
	}
	return nil
}

// keyFile is the file of the keys; empty: there is none.
func keyFile(data, file string) string {
	if file == "" && data != "" {
		return filepath.Join(data, "keys")
	}
	return file
}

// openKeys is what the server signs with.
func openKeys(o *Options) (*keys.Ring, error) {
	file := keyFile(o.Data, o.Keys)
	if file == "" {
		return keys.Random(), nil
	}
	return keys.Open(o.Log, file)
}

// RotateKeys gives the file that Options.Keys names, or the one in the folder
// Options.Data, a new current key. Servers that have it open follow within seconds.
// What was signed with the key before the current one is no longer good, so it is
// done at most once a day.
func RotateKeys(data, file string) error {
	file = keyFile(data, file)
	err := keys.Rotate(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there are no keys at %s; name them with --data or --keys", file)
	}
	return err
}
