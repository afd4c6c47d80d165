package roomtest

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"partline.dev/server/edge/room"
)

// Storage is a [Fake]'s.
type Storage struct {
	mu      sync.Mutex // Protects following.
	values  map[string][]byte
	keys    []string          // of values, in order
	undo    map[string][]byte // what was there at the last commit; nil: nothing
	size    int               // of all keys and values
	limit   int               // of size; 0: there is none
	refused error             // what every Put gives; nil: nothing
	puts    int
	full    int // which of them gives room.ErrStorageFull, counted from 1; 0: none
}

// Get is [room.Storage.Get].
func (s *Storage) Get(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.values[key]), nil
}

// Put is [room.Storage.Put].
func (s *Storage) Put(key string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	old, there := s.values[key]
	size := s.size + len(value) - len(old)
	if !there {
		size += len(key)
	}
	switch {
	case len(value) > room.MaxValue:
		return fmt.Errorf("%d bytes are too many for a value", len(value))
	case s.refused != nil:
		return s.refused
	case s.puts == s.full:
		return room.ErrStorageFull
	case s.limit > 0 && size > s.limit && size > s.size:
		return room.ErrStorageFull
	}
	s.set(key, append([]byte{}, value...))
	return nil
}

// Delete is [room.Storage.Delete].
func (s *Storage) Delete(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(key, nil)
	return nil
}

// set keeps the old value for a rollback and sets the new one; nil: none. The mutex is
// held.
func (s *Storage) set(key string, value []byte) {
	old, there := s.values[key]
	if _, changed := s.undo[key]; !changed {
		s.undo[key] = old
	}
	i, _ := slices.BinarySearch(s.keys, key)
	if there {
		s.size -= len(key) + len(old)
	}
	if value == nil {
		if there {
			s.keys = slices.Delete(s.keys, i, i+1)
		}
		delete(s.values, key)
		return
	}
	if !there {
		s.keys = slices.Insert(s.keys, i, key)
	}
	s.values[key] = value
	s.size += len(key) + len(value)
}

// List is [room.Storage.List]. Each must not use the storage.
func (s *Storage) List(first, end string, limit int, each func(key string, value []byte) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, _ := slices.BinarySearch(s.keys, first)
	for ; i < len(s.keys) && s.keys[i] < end && limit > 0; i, limit = i+1, limit-1 {
		if !each(s.keys[i], bytes.Clone(s.values[s.keys[i]])) {
			break
		}
	}
	return nil
}

// Limit has every Put give [room.ErrStorageFull] from now on that would make keys and
// values more than so many bytes. 0: there is no limit.
func (s *Storage) Limit(size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = size
}

// Refuse has every Put give err from now on, and change nothing. Nil: none does.
func (s *Storage) Refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = err
}

// RefuseOne has one Put, and no other, give [room.ErrStorageFull], and change nothing: the next
// after so many others. Negative: none does.
func (s *Storage) RefuseOne(after int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = s.puts + after + 1
}

// Size is how many bytes the keys and values have.
func (s *Storage) Size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// Puts is how often Put was called so far.
func (s *Storage) Puts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.puts
}

// Keys are the keys that begin so, in order.
func (s *Storage) Keys(prefix string) (keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, _ := slices.BinarySearch(s.keys, prefix)
	for ; i < len(s.keys) && len(s.keys[i]) >= len(prefix) && s.keys[i][:len(prefix)] == prefix; i++ {
		keys = append(keys, s.keys[i])
	}
	return keys
}

// wrote tells whether something was changed since the last commit.
func (s *Storage) wrote() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.undo) > 0
}

func (s *Storage) commit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.undo)
}

func (s *Storage) rollback() {
	s.mu.Lock()
	defer s.mu.Unlock()
	undo := s.undo
	s.undo = map[string][]byte{}
	for key, old := range undo {
		s.set(key, old)
	}
	clear(s.undo)
}
