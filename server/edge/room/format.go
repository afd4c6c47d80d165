package room

import (
	"encoding/binary"
	"errors"
)

// format is the version of all that a room stores. A newer version of the program reads
// what an older one stored, and then stores as itself. An older one stores nothing where
// a newer one has, as it would lose what it does not know.
const format = 1

// ErrNewer is what [New] gives where a newer version of the program has stored
// something: while that one is brought out, the older one must not begin. Who asks may
// try again in a moment.
var ErrNewer = errors.New("what was stored is of a newer version of this program")

var errFormat = errors.New("it cannot be read of which version what was stored is")

// checkFormat refuses to begin with what is stored in another format than this one's,
// and writes down this one's where nothing is stored yet.
func checkFormat(s Storage) error {
	value, err := s.Get(keyFormat)
	if err != nil {
		return err
	}
	if value == nil {
		return s.Put(keyFormat, binary.AppendUvarint(nil, format))
	}
	switch stored, size := binary.Uvarint(value); {
	case size <= 0 || stored == 0:
		return errFormat
	case stored > format:
		return ErrNewer
	}
	return nil
}
