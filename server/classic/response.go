package classic

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// keepAlive is the envelope that says nothing.
const keepAlive = "{}"

// envelope is what a client hears at once: SignalR's persistent response.
type envelope struct {
	cursor  cursor
	first   bool          // it tells that the connection is there
	goAway  bool          // the server stops: come back
	groups  string        // the new groups token; empty: it is what it was
	delayed bool          // delay is there
	delay   time.Duration // before the next poll
	failure string        // why the client must not come back; empty: it may
	items   [][]byte      // calls of the client's methods, progress, or values
}

// append appends the envelope as JSON. It is one line as long as its items are.
func (e *envelope) append(dst []byte) []byte {
	dst = append(dst, `{"C":"`...)
	dst = e.cursor.append(dst)
	dst = append(dst, '"')
	if e.first {
		dst = append(dst, `,"S":1`...)
	}
	if e.goAway {
		dst = append(dst, `,"T":1`...)
	}
	if e.groups != "" {
		dst = append(dst, `,"G":`...)
		dst = appendText(dst, e.groups)
	}
	if e.delayed {
		dst = append(dst, `,"L":`...)
		dst = strconv.AppendInt(dst, e.delay.Milliseconds(), 10)
	}
	if e.failure != "" {
		dst = append(dst, `,"E":`...)
		dst = appendText(dst, e.failure)
	}
	dst = append(dst, `,"M":[`...)
	for i, item := range e.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, item...)
	}
	return append(dst, "]}"...)
}

// appendResult appends the answer to a call that has been made. Value and state may
// be nil; no value, and null, are left out.
func appendResult(dst []byte, id string, value, state []byte) []byte {
	dst = append(dst, `{"I":`...)
	dst = appendText(dst, id)
	if !isNull(value) {
		dst = append(dst, `,"R":`...)
		dst = append(dst, value...)
	}
	return append(appendState(dst, state), '}')
}

// failure is what the caller of a method hears that has failed.
type failure struct {
	text   string
	public bool   // the hub said it to its caller: in .NET, a HubException
	data   []byte // JSON that goes with it; nil: none
}

// appendFailure appends the answer to a call that has failed.
func appendFailure(dst []byte, id string, f failure, state []byte) []byte {
	dst = append(dst, `{"I":`...)
	dst = appendText(dst, id)
	dst = append(dst, `,"E":`...)
	dst = appendText(dst, f.text)
	if f.public {
		dst = append(dst, `,"H":true`...)
		if !isNull(f.data) {
			dst = append(dst, `,"D":`...)
			dst = append(dst, f.data...)
		}
	}
	return append(appendState(dst, state), '}')
}

func appendState(dst, state []byte) []byte {
	if isNull(state) {
		return dst
	}
	dst = append(dst, `,"S":`...)
	return append(dst, state...)
}

// appendProgress appends what a call's caller hears of it before it ends: an item
// of an envelope. Its own id is one that no call has, so that clients which know no
// progress skip it.
func appendProgress(dst []byte, id string, value []byte) []byte {
	dst = append(dst, `{"I":`...)
	dst = appendText(dst, "P|"+id)
	dst = append(dst, `,"P":{"I":`...)
	dst = appendText(dst, id)
	dst = append(dst, `,"D":`...)
	if value == nil {
		value = []byte("null")
	}
	dst = append(dst, value...)
	return append(dst, "}}"...)
}

// appendText appends s as a JSON string that also a script or a page takes as it
// is: <, >, & and the line ends of JavaScript are escaped. What is not UTF-8
// becomes U+FFFD.
func appendText(dst []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\r':
			dst = append(dst, '\\', 'r')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case r < ' ' || r == 0x7f || r == '<' || r == '>' || r == '&' || r == 0x2028 || r == 0x2029:
			dst = append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
