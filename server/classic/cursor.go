package classic

import (
	"errors"
	"strconv"
	"strings"
)

// cursor says how far a client has heard: all events of the core with that epoch
// up to a number. To clients it is SignalR's message id.
type cursor struct{ epoch, number uint64 }

// maxCursor is the longest message id that is read, in bytes. Ours are short;
// SignalR's grow with the connection's groups.
const maxCursor = 16 << 10

// errCursor is what is no message id of any server.
var errCursor = errors.New("the message id is malformed")

// String is the cursor as SignalR writes one, for a store with one stream.
func (c cursor) String() string { return string(c.append(nil)) }

// append appends the cursor's text, which JSON takes as it is.
func (c cursor) append(dst []byte) []byte {
	dst = append(dst, "d-"...)
	dst = appendHex(dst, c.epoch)
	dst = append(dst, ',')
	return appendHex(dst, c.number)
}

func appendHex(dst []byte, n uint64) []byte {
	start := len(dst)
	dst = strconv.AppendUint(dst, n, 16)
	for i := start; i < len(dst); i++ {
		if dst[i] >= 'a' {
			dst[i] -= 'a' - 'A'
		}
	}
	return dst
}

// parseCursor reads a message id: d or s, for the kind of store, a hyphen, and
// stream,number pairs between bars, where a backslash stands before each of those
// characters that is part of a name. It is not ok if it is one of another server,
// which has other streams; the error is errCursor for what is none.
func parseCursor(text string) (c cursor, ok bool, err error) {
	if len(text) > maxCursor {
		return cursor{}, false, errCursor
	}
	kind, rest, found := strings.Cut(text, "-")
	if !found || kind != "d" && kind != "s" {
		return cursor{}, false, errCursor
	}
	streams := 0
	var stream string
	var number uint64
	for more := true; more; streams++ {
		if stream, rest, found = cutStream(rest); !found {
			return cursor{}, false, errCursor
		}
		var digits string
		digits, rest, more = strings.Cut(rest, "|")
		if number, ok = parseHex(digits); !ok {
			return cursor{}, false, errCursor
		}
	}
	epoch, ok := parseHex(stream)
	if !ok || streams != 1 || kind != "d" {
		return cursor{}, false, nil
	}
	return cursor{epoch, number}, true, nil
}

// cutStream is the name of a stream, up to its comma.
func cutStream(s string) (name, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
			if i == len(s) || !strings.ContainsRune(`\,|`, rune(s[i])) {
				return "", "", false
			}
		case ',':
			return s[:i], s[i+1:], i > 0
		case '|':
			return "", "", false
		}
	}
	return "", "", false
}

// parseHex reads a number as appendHex writes it, in either case.
func parseHex(s string) (n uint64, ok bool) {
	if strings.Trim(s, "0123456789abcdefABCDEF") != "" || len(s) > 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 16, 64)
	return n, err == nil
}
