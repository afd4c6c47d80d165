package wire

import (
	"fmt"
	"time"
)

// The forms of ISO 8601 that peers write: with and without an offset, seconds
// and time of day. What has no offset is UTC.
var timeLayouts = [...]string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05",
	"2006-01-02T15:04",
	"2006-01-02",
}

// appendTime appends t as ISO 8601 with its offset and as many digits as it has.
func appendTime(dst []byte, t time.Time) ([]byte, error) {
	if y := t.Year(); y < 0 || y > 9999 {
		return dst, fmt.Errorf("%w: a time of the year %d has no ISO 8601 form", ErrType, y)
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"'), nil
}

// parseTime reads what appendTime and other peers write.
func parseTime(s string) (time.Time, error) {
	for _, layout := range timeLayouts {
		// In UTC, so that the result does not depend on where this machine is.
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: a text is not a time of ISO 8601", ErrType)
}
