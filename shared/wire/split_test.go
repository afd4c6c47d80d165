package wire_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"partline.dev/shared/wire"
)

func TestJSON_isText(t *testing.T) {
	if wire.JSON.Name() != "json" || wire.JSON.Binary() {
		t.Errorf("name %q, binary %v", wire.JSON.Name(), wire.JSON.Binary())
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		buf       string
		limit     int
		msg, rest string
		more      bool
		err       error
	}{
		{buf: "", limit: 10, more: true},
		{buf: "abc", limit: 10, rest: "abc", more: true},
		{buf: "abc\x1e", limit: 10, msg: "abc"},
		{buf: "abc\x1edef\x1eg", limit: 10, msg: "abc", rest: "def\x1eg"},
		{buf: "\x1ea", limit: 10, msg: "", rest: "a"},
		{buf: "abc\x1e", limit: 3, msg: "abc"},
		{buf: "abc", limit: 3, rest: "abc", more: true},
		{buf: "abcd\x1e", limit: 3, rest: "abcd\x1e", err: wire.ErrTooLarge},
		{buf: "abcd", limit: 3, rest: "abcd", err: wire.ErrTooLarge}, // before its end is there
		{buf: "a\x1e", limit: 0, rest: "a\x1e", err: wire.ErrTooLarge},
		{buf: "\x1e", limit: 0, msg: ""},
		{buf: "abc\x1e", limit: math.MaxInt, msg: "abc"},
	} {
		msg, rest, err := wire.JSON.Split([]byte(c.buf), c.limit)
		if string(msg) != c.msg || string(rest) != c.rest || !errors.Is(err, c.err) || (msg == nil) != (c.more || c.err != nil) {
			t.Errorf("%q with the limit %d: %q, %q, %v", c.buf, c.limit, msg, rest, err)
		}
	}
}

func TestSplit_aTooLargeMessageSaysTheLimit(t *testing.T) {
	_, _, err := wire.JSON.Split(bytes.Repeat([]byte("a"), 100), 32)
	if want := "the message is too large: it has more than 32 bytes"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestSplit_appendingToAMessageLeavesTheNext(t *testing.T) {
	msg, rest, err := wire.JSON.Split([]byte("abc\x1edef\x1e"), 10)
	_ = append(msg, "overwritten"...)
	if string(rest) != "def\x1e" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
}

func TestEnds(t *testing.T) {
	for p, want := range map[string]bool{"": false, "abc": false, "\x1e": true, "ab\x1ec": true} {
		if got := wire.JSON.Ends([]byte(p)); got != want {
			t.Errorf("%q: %v", p, got)
		}
	}
}

// collect reads a stream that arrives in pieces, the way a link does.
func collect(c wire.Codec, pieces [][]byte, limit int) (messages []string, err error) {
	var partial []byte
	for _, p := range pieces {
		partial = append(partial, p...)
		if !c.Ends(p) && len(partial) <= limit {
			continue
		}
		for {
			msg, rest, err := c.Split(partial, limit)
			if err != nil {
				return messages, err
			}
			partial = rest
			if msg == nil {
				break
			}
			messages = append(messages, string(msg))
		}
	}
	return messages, nil
}
