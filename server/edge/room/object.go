package room

import "errors"

// Object is the Durable Object in which a room lives: all that the room cannot do
// itself. Its methods do not block, and are called by one goroutine at a time.
type Object interface {
	// ID is the object's, of 64 hexadecimal digits.
	ID() string

	// Now is the time in milliseconds since 1970.
	Now() int64

	// Send gives every one of the sockets the message, in the order of its calls.
	// Those that are gone are passed over. It keeps neither slice.
	Send(sockets []int32, binary bool, message []byte)

	// Close ends a socket; nothing is sent to it any more.
	Close(socket int32, code int, text string)

	// Attach keeps state with a socket for as long as that is open, also while the
	// room is not in memory. It takes [MaxAttachment] bytes at most, and keeps no
	// slice.
	Attach(socket int32, state []byte) error

	// Alarm has [Room.Alarm] called at that time, or later, in ms since 1970, also if
	// the room is not in memory then. It takes the place of the alarm before.
	Alarm(at int64) error

	// Soon has [Room.Resume] called after other events had their turn.
	Soon()

	// Storage is what outlives the room in memory.
	Storage() Storage
}

// MaxAttachment is how many bytes of state a socket keeps: a Durable Object allows
// 2,048 with what stands around them.
const MaxAttachment = 2000

// Storage is the object's own. What was put is there for good, or nothing that is
// sent afterwards leaves the object: so whoever is told of it may rely on it. All that
// is put between two events is put as a whole or not at all. Keys are ordered by their
// bytes.
type Storage interface {
	// Get is the value under key; nil: there is none.
	Get(key string) ([]byte, error)

	// Put sets a value of at most [MaxValue] bytes. It gives ErrStorageFull, and
	// then nothing has changed.
	Put(key string, value []byte) error

	// Delete removes what is under key, if anything.
	Delete(key string) error

	// List calls each with the keys from first on that are less than end, in order,
	// limit of them at most. It keeps on until each is false.
	List(first, end string, limit int, each func(key string, value []byte) bool) error
}

// MaxValue is the longest value that a [Storage] takes, in bytes.
const MaxValue = 1 << 20

// ErrStorageFull is what a [Storage] gives that can take no more.
var ErrStorageFull = errors.New("the room's storage is full")
