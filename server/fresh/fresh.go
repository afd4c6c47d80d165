// Package fresh keeps what was read from files as the files are now: keys and
// certificates that somebody replaces while the server runs.
//
//	pair, err := fresh.Read(log, parse, "cert.pem", "key.pem")
//	...
//	use(pair.Get()) // follows the files, some seconds behind them
//
// Concurrency: a [Value] may be used from any goroutine. It starts none: the
// files are looked at by who asks for the value, at most once a [Period].
//
// What blocks: of those who ask, one now and then, for as long as it takes to read
// the files; the others get the value that is there.
package fresh

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Period is how long a value may be behind its files.
	Period = 5 * time.Second

	// MaxFile is the longest file that is read, in bytes.
	MaxFile = 1 << 20
)

// lookAgain is how soon [Value.Look] looks again.
const lookAgain = time.Second

// Value is what its files say. What cannot be read, or makes no value, leaves the
// value that was there.
type Value[T any] struct {
	log   *slog.Logger
	parse func(contents [][]byte) (T, error)
	paths []string

	value  atomic.Pointer[T]
	looked atomic.Int64 // when the files were looked at, in ms

	mu   sync.Mutex // Held by who looks; protects seen.
	seen [sha256.Size]byte
	bad  string // what was told of files that make no value
}

// Read makes a value of the files at paths, whose contents parse is given in that
// order. Log is told when the value changes, and once why it does not. The error
// is that of a file or of parse.
func Read[T any](log *slog.Logger, parse func(contents [][]byte) (T, error), paths ...string) (*Value[T], error) {
	v := &Value[T]{log: log, parse: parse, paths: paths}
	contents, err := v.read()
	if err != nil {
		return nil, err
	}
	value, err := parse(contents)
	if err != nil {
		return nil, err
	}
	v.seen = sum(contents)
	v.value.Store(&value)
	v.looked.Store(time.Now().UnixMilli())
	return v, nil
}

// Get is the value, at most [Period] behind the files.
func (v *Value[T]) Get() T { return v.get(Period) }

// Look is the value for who cannot go on with the one that [Value.Get] gave: it
// is at most a second behind the files.
func (v *Value[T]) Look() T { return v.get(lookAgain) }

func (v *Value[T]) get(after time.Duration) T {
	now := time.Now().UnixMilli()
	if now-v.looked.Load() >= after.Milliseconds() && v.mu.TryLock() {
		v.look()
		v.looked.Store(now)
		v.mu.Unlock()
	}
	return *v.value.Load()
}

// look makes the value anew if the files have changed.
func (v *Value[T]) look() {
	contents, err := v.read()
	if err != nil {
		v.keep(err)
		return
	}
	now := sum(contents)
	if now == v.seen {
		v.bad = ""
		return
	}
	value, err := v.parse(contents)
	if err != nil {
		v.keep(err)
		return
	}
	v.seen, v.bad = now, ""
	v.value.Store(&value)
	v.log.Info("read anew", "files", v.paths)
}

// keep tells once why the value stays.
func (v *Value[T]) keep(err error) {
	if v.bad == err.Error() {
		return
	}
	v.bad = err.Error()
	v.log.Error("what was read before stays in use", "files", v.paths, "reason", err)
}

func (v *Value[T]) read() ([][]byte, error) {
	contents := make([][]byte, len(v.paths))
	for i, path := range v.paths {
		var err error
		if contents[i], err = ReadFile(path); err != nil {
			return nil, err
		}
	}
	return contents, nil
}

// ReadFile is the content of the file at path, of at most [MaxFile] bytes.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > MaxFile {
		return nil, fmt.Errorf("%s is longer than %d bytes", path, MaxFile)
	}
	return content, nil
}

// sum tells contents apart, and keeps no secret of theirs.
func sum(contents [][]byte) [sha256.Size]byte {
	h := sha256.New()
	for _, c := range contents {
		one := sha256.Sum256(c)
		h.Write(one[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}
