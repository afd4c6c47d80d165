// Package history is stored events of rooms, numbered by offset within an epoch: what
// was acknowledged is there, and what is not there any more is announced as a gap.
//
//	log := history.NewMemory(history.Limits{})
//	at, err := log.Append(ctx, "place:lobby", data, publish)
//	page, err := log.Read(ctx, "place:lobby", history.Position{}, 100)
//
// What an engine of histories has to hold to is a test, package historytest.
//
// # Concurrency
//
// A [Log] may be used from any goroutine. A [Memory] starts none, and ends with the
// process.
//
// # Ordering
//
// The records of a room are numbered in the order in which they are stored, and what
// Append calls with them is called in that order, one after another, over all epochs.
// Between rooms there is no order. Who hears from that call and reads afterwards has
// each record at least once, and can tell by its offset what came twice.
//
// # What blocks
//
// Append waits until the record is stored, and for those that are being appended to the
// same room; what it calls must not block or append, as it holds up its room. In a
// Memory it holds up no other. Read waits for the storage alone.
package history

import (
	"context"
	"errors"
)

// Position is a place in a room's history. The zero value is its beginning.
type Position struct {
	Epoch  string // in which offsets count; another one begins at 1 again
	Offset int64  // of a record, from 1 on; 0: before the first
}

// Record is one stored event.
type Record struct {
	Offset int64
	At     int64 // when it was stored, in ms since 1970
	Data   []byte
}

// Gap is a range of offsets that can no longer be read.
type Gap struct{ From, To int64 }

// Page is some of a room's records.
type Page struct {
	Epoch   string
	Gap     *Gap     // those after the position asked for that are gone; nil: none
	Records []Record // in order, without a hole; nobody may change their data
	Last    int64    // the offset of the newest record of the room; 0: there is none
}

// Log is the histories of rooms. A room is there from its first record on. Its methods
// may be called from any goroutine.
type Log interface {
	// Append stores data as the room's next record, and returns when it is stored for
	// as long as the log keeps anything. Then is called before that, in the order of
	// the offsets of the room, and must not block; if it fails, the record stays. The
	// error is ErrFull, ErrTooLong, or one of the storage's; then nothing was stored.
	Append(ctx context.Context, room string, data []byte, then func(Position, Record)) (Position, error)

	// Read gives the records after a position, limit at most, or 1,000. A position of
	// another epoch is read as the beginning of this one, with all that is gone as gap.
	Read(ctx context.Context, room string, after Position, limit int) (Page, error)
}

// MaxRecord is the longest record, in bytes.
const MaxRecord = 256 << 10

// What Append refuses.
var (
	ErrFull    = errors.New("the history can take no more")
	ErrTooLong = errors.New("a record of history has at most 256 KiB")
)
