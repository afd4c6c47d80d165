package room

import (
	"errors"
	"fmt"
	"slices"
)

// entry is a value under its key.
type entry struct {
	key   string
	value []byte
}

// eachUnder calls each with all keys that begin with a prefix, in order. Each must not
// change the storage. AtOnce is how many of the values may be in memory together.
func eachUnder(s Storage, prefix string, atOnce int, each func(key string, value []byte)) error {
	for first, seen := prefix, atOnce; seen == atOnce; {
		seen = 0
		err := s.List(first, endOf(prefix), atOnce, func(key string, value []byte) bool {
			each(key, value)
			first = behind(key)
			seen++
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// putAll puts all entries or, on an error, none: also where the object goes on after
// the error, so that what was put before it would be kept.
func putAll(s Storage, entries ...entry) error {
	before := make([]entry, 0, len(entries))
	for _, e := range entries {
		old, err := s.Get(e.key)
		if err == nil {
			err = s.Put(e.key, e.value)
		}
		if err != nil {
			return putBack(s, before, err)
		}
		before = append(before, entry{e.key, old})
	}
	return nil
}

// putBack undoes what was put, the last first, and returns why. What was not there goes
// before what was there needs its place back.
func putBack(s Storage, before []entry, why error) error {
	for _, e := range slices.Backward(before) {
		if e.value == nil {
			if err := s.Delete(e.key); err != nil {
				return fmt.Errorf("%w: %w, then %w", errTorn, why, err)
			}
		}
	}
	for _, e := range slices.Backward(before) {
		if e.value != nil {
			if err := s.Put(e.key, e.value); err != nil {
				return fmt.Errorf("%w: %w, then %w", errTorn, why, err)
			}
		}
	}
	return why
}

// errTorn is what putAll gives when it has put some, and cannot undo it.
var errTorn = errors.New("something was stored in part")
