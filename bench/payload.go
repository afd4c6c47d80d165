package main

import (
	"strconv"
	"strings"
)

// Every server carries the same application message, a name and a text, of
// about 100 bytes as JSON. The text holds the moment at which it was published
// behind a byte that stands nowhere else, so the clients of every server count
// and time messages in the same way, whatever is around them.
const (
	marker      = '@'
	stampDigits = 19 // a Unix time in nanoseconds, until the year 2286
	senderName  = "Ann"
	textLength  = 90
)

var padding = strings.Repeat(".", textLength-1-stampDigits)

// text is the message published at the moment stamp.
func text(stamp int64) string {
	b := make([]byte, 0, textLength)
	b = append(b, marker)
	b = strconv.AppendInt(b, stamp, 10)
	return string(append(b, padding...))
}

// messageJSON is the message for servers that are handed JSON.
func messageJSON(stamp int64) []byte {
	return []byte(`["` + senderName + `","` + text(stamp) + `"]`)
}

// readStamp reads the stamp behind a marker. It gives false for one that the
// end of p cuts off.
func readStamp(p []byte) (int64, bool) {
	if len(p) < stampDigits {
		return 0, false
	}
	var n int64
	for _, c := range p[:stampDigits] {
		n = n*10 + int64(c-'0')
	}
	return n, true
}
