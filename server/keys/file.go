package keys

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"partline.dev/server/fresh"
)

// The file is text: a line that says what it is and in which version, and a line
// for each key.
//
//	partline-keys 1
//	current Zm9...
//	previous YmF...
const (
	headLine     = "partline-keys 1"
	headName     = "partline-keys "
	currentName  = "current "
	previousName = "previous "
)

var keyText = base64.RawURLEncoding.Strict()

// Errors of a file. None tells what the file holds.
var (
	// ErrPermissions: others than its owner may read or change the file.
	ErrPermissions = errors.New("others than its owner may read or change it")

	// ErrContent: the file does not hold keys.
	ErrContent = errors.New("it does not hold the keys of Partline")

	// ErrVersion: the file holds keys in a form that this program does not know.
	ErrVersion = errors.New("it was written by a newer Partline")
)

// parse reads what text writes.
func parse(content []byte) (pair, error) {
	lines := strings.Split(string(content), "\n")
	if lines[0] != headLine {
		if strings.HasPrefix(lines[0], headName) {
			return pair{}, ErrVersion
		}
		return pair{}, ErrContent
	}
	if len(lines) < 3 || len(lines) > 4 || lines[len(lines)-1] != "" {
		return pair{}, ErrContent
	}
	var p pair
	var ok bool
	if p.current, ok = parseKey(lines[1], currentName); !ok {
		return pair{}, ErrContent
	}
	if len(lines) == 4 {
		previous, ok := parseKey(lines[2], previousName)
		if !ok {
			return pair{}, ErrContent
		}
		p.previous = &previous
	}
	return p, nil
}

func parseKey(line, name string) (k key, ok bool) {
	text, ok := strings.CutPrefix(line, name)
	if !ok || len(text) != keyText.EncodedLen(keySize) {
		return key{}, false
	}
	n, err := keyText.Decode(k[:], []byte(text))
	return k, err == nil && n == keySize
}

// text is p as the file holds it.
func (p pair) text() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, headLine)
	fmt.Fprintln(&b, currentName+keyText.EncodeToString(p.current[:]))
	if p.previous != nil {
		fmt.Fprintln(&b, previousName+keyText.EncodeToString(p.previous[:]))
	}
	return b.Bytes()
}

// load reads the file at path, if nobody else can.
func load(path string) (pair, error) {
	content, err := fresh.ReadFile(path)
	if err != nil {
		return pair{}, fmt.Errorf("keys: %w", err)
	}
	p, err := read(path, content)
	if err != nil {
		return pair{}, fmt.Errorf("keys: %w", err)
	}
	return p, nil
}

// read is what the file at path holds, which is content.
func read(path string, content []byte) (pair, error) {
	info, err := os.Stat(path)
	if err != nil {
		return pair{}, err
	}
	if mode := info.Mode().Perm(); hasModes && mode&0o077 != 0 {
		return pair{}, fmt.Errorf("%s has mode %04o: %w; run chmod 600 %s", path, mode, ErrPermissions, path)
	}
	p, err := parse(content)
	if err != nil {
		return pair{}, fmt.Errorf("%s: %w; restore it, or remove it and a new one is made, which ends every connection", path, err)
	}
	return p, nil
}

// create makes the file at path with a new key, unless there is one.
func create(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // load says what is wrong with it
	}
	temp, err := write(path, pair{current: newKey()})
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp) }()
	// Link, unlike Rename, leaves what another process has put there meanwhile.
	if err := os.Link(temp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keys: %w", err)
	}
	return syncDir(path)
}

// Rotate gives the file at path a new current key; the current one becomes the
// previous one, and what the previous one had signed is no longer good. Between
// two rotations everything that is signed should have had its time: a day does. The
// file must be there, and one rotation runs at a time.
func Rotate(path string) error {
	p, err := load(path)
	if err != nil {
		return err
	}
	previous := p.current
	temp, err := write(path, pair{current: newKey(), previous: &previous})
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("keys: %w", err)
	}
	return syncDir(path)
}

// write writes p to a file of its own beside path, wholly and for good.
func write(path string, p pair) (temp string, err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("keys: %w", err)
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // with mode 0600
	if err != nil {
		return "", fmt.Errorf("keys: %w", err)
	}
	_, err = f.Write(p.text())
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		_ = os.Remove(f.Name())
		return "", fmt.Errorf("keys: %w", err)
	}
	return f.Name(), nil
}

// hasModes tells whether a file's mode says who may read it. On Windows the rights
// of its folder do, and a folder cannot be synced.
const hasModes = runtime.GOOS != "windows"

// syncDir makes a new name in path's folder last.
func syncDir(path string) error {
	if !hasModes {
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return nil
}
