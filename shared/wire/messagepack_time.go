package wire

import (
	"encoding/binary"
	"fmt"
	"time"
)

// packTimestamp is the extension type of times, the one that MessagePack itself
// defines.
const packTimestamp = -1

// The seconds since 1970 that a time may have: the years 0 to 9999, as in JSON.
const (
	firstSecond = -62167219200
	lastSecond  = 253402300799
)

// appendPackTime appends t in the shortest of the three forms of a timestamp:
// whole seconds in 32 bits, nanoseconds and 34 bits of seconds, and both in full.
// The offset of its zone does not travel.
func appendPackTime(dst []byte, t time.Time) ([]byte, error) {
	sec, nsec := t.Unix(), uint64(t.Nanosecond())
	if sec < firstSecond || sec > lastSecond {
		return dst, fmt.Errorf("%w: a time outside the years 0 to 9999", ErrType)
	}
	const typ = 0xff // packTimestamp as a byte
	switch {
	case sec>>34 != 0:
		dst = binary.BigEndian.AppendUint32(append(dst, 0xc7, 12, typ), uint32(nsec))
		return binary.BigEndian.AppendUint64(dst, uint64(sec)), nil
	case nsec != 0 || sec>>32 != 0:
		return binary.BigEndian.AppendUint64(append(dst, 0xd7, typ), nsec<<34|uint64(sec)), nil
	}
	return binary.BigEndian.AppendUint32(append(dst, 0xd6, typ), uint32(sec)), nil
}

// parsePackTime reads the inside of a timestamp, in UTC.
func parsePackTime(b []byte) (time.Time, error) {
	var sec int64
	var nsec uint64
	switch len(b) {
	case 4:
		sec = int64(binary.BigEndian.Uint32(b))
	case 8:
		both := binary.BigEndian.Uint64(b)
		sec, nsec = int64(both&(1<<34-1)), both>>34
	case 12:
		sec, nsec = int64(binary.BigEndian.Uint64(b[4:])), uint64(binary.BigEndian.Uint32(b))
	default:
		return time.Time{}, fmt.Errorf("%w: a timestamp of %d bytes", ErrType, len(b))
	}
	if sec < firstSecond || sec > lastSecond || nsec > 999_999_999 {
		return time.Time{}, fmt.Errorf("%w: a timestamp outside the years 0 to 9999, or of more than a second's nanoseconds", ErrType)
	}
	return time.Unix(sec, int64(nsec)).UTC(), nil
}
