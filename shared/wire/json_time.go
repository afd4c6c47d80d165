package wire

import (
	"fmt"
	"time"
)

// appendTime appends t as ISO 8601, with its offset and as many digits of a
// second as it has. An offset that ISO 8601 cannot say becomes UTC.
func appendTime(dst []byte, t time.Time) ([]byte, error) {
	if _, offset := t.Zone(); offset%60 != 0 || offset <= -24*3600 || offset >= 24*3600 {
		t = t.UTC()
	}
	if y := t.Year(); y < 0 || y > 9999 {
		return dst, fmt.Errorf("%w: a time of the year %d has no ISO 8601 form", ErrType, y)
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"'), nil
}

// parseTime reads the forms of ISO 8601 that peers write: a date, a time to the
// minute or the second with any number of digits after that (those past nine are
// dropped), with an offset or in UTC. Package time alone would take more.
func parseTime(s string) (time.Time, error) {
	layout := timeLayout(s)
	// In UTC, so that the result does not depend on where this machine is.
	t, err := time.ParseInLocation(layout, s, time.UTC)
	if layout == "" || err != nil {
		return time.Time{}, fmt.Errorf("%w: a string that is not a time of ISO 8601", ErrType)
	}
	return t, nil
}

// timeLayout is the layout of s, empty if s has none that is taken.
func timeLayout(s string) string {
	const date, minute, second = "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"
	if len(s) == len(date) && isLike(s, date) {
		return date
	}
	layout := minute
	if !isLike(s, minute) {
		return ""
	}
	rest := s[len(minute):]
	if isLike(s, second) {
		layout, rest = second, s[len(second):]
		if len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]) {
			// Package time reads a fraction wherever seconds are.
			for rest = rest[1:]; rest != "" && isDigit(rest[0]); {
				rest = rest[1:]
			}
		}
	}
	switch {
	case rest == "":
		return layout
	case rest == "Z", len(rest) == len("-07:00") && (isLike(rest, "-07:00") || isLike(rest, "+07:00")):
		return layout + "Z07:00"
	}
	return ""
}

// isLike tells whether s begins with what pattern shows: digits where it has
// digits, else the very bytes.
func isLike(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if isDigit(pattern[i]) != isDigit(s[i]) || !isDigit(s[i]) && s[i] != pattern[i] {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c-'0' <= 9 }
