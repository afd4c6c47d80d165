package auth

import (
	"errors"
	"io"
	"os"
)

// SpentOf is how many tickets are known to be spent.
func SpentOf(a *Authority) int {
	a.spent.mu.Lock()
	defer a.spent.mu.Unlock()
	return a.spent.count()
}

// SetMaxSpent bounds how many of one tenant are known.
func SetMaxSpent(a *Authority, n int) {
	a.spent.mu.Lock()
	defer a.spent.mu.Unlock()
	a.spent.most = n
}

// SetMaxRevoked bounds how many of one tenant are known to be taken back.
func SetMaxRevoked(a *Authority, n int) {
	a.revoked.mu.Lock()
	defer a.revoked.mu.Unlock()
	a.revoked.most = n
}

// BreakFiles makes the next writes fail.
func BreakFiles(a *Authority) (err error) {
	for _, j := range []*journal{a.spent.journal, a.revoked.journal} {
		err = errors.Join(err, j.file.Close())
		var openErr error
		j.file, openErr = os.Open(j.path) // to read only
		err = errors.Join(err, openErr)
	}
	return err
}

// ReadSpent is how many lines of a file of used tickets are sound.
func ReadSpent(r io.Reader) (sound, damaged int, err error) {
	damaged, _, err = readLines(r, func(text []byte) bool {
		_, ok := parseSpent(text)
		if ok {
			sound++
		}
		return ok
	})
	return sound, damaged, err
}

// ReadRevoked is how many lines of a file of what was taken back are sound.
func ReadRevoked(r io.Reader) (sound, damaged int, err error) {
	damaged, _, err = readLines(r, func(text []byte) bool {
		_, ok := parseRevoked(text)
		if ok {
			sound++
		}
		return ok
	})
	return sound, damaged, err
}

// Line is text as a file has it.
func Line(text []byte) []byte { return line(text) }

// ParseKeys is how many keys of a JWK set are understood.
func ParseKeys(content []byte) (int, error) {
	list, err := parseKeys(content)
	return len(list), err
}
