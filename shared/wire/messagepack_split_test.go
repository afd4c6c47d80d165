package wire_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"partline.dev/shared/wire"
)

func TestMessagePack_isBinary(t *testing.T) {
	if wire.MessagePack.Name() != "messagepack" || !wire.MessagePack.Binary() {
		t.Errorf("name %q, binary %v", wire.MessagePack.Name(), wire.MessagePack.Binary())
	}
}

func TestMessagePack_split(t *testing.T) {
	for _, c := range []struct {
		buf       string
		limit     int
		msg, rest string
		more      bool
		err       error
	}{
		{buf: "", limit: 10, more: true},
		{buf: "03'ab'", limit: 10, rest: "03'ab'", more: true},
		{buf: "03'abc'", limit: 10, msg: "'abc'"},
		{buf: "03'abc' 03'def' 01", limit: 10, msg: "'abc'", rest: "03'def' 01"},
		{buf: "00 01", limit: 10, rest: "01"},
		{buf: "00", limit: 0},
		{buf: "03'abc'", limit: 3, msg: "'abc'"},
		{buf: "03'abc'", limit: math.MaxInt, msg: "'abc'"},
		{buf: "03", limit: 2, rest: "03", err: wire.ErrTooLarge}, // before any of it is there
		{buf: "03'abc'", limit: 2, rest: "03'abc'", err: wire.ErrTooLarge},
		{buf: "01", limit: 0, rest: "01", err: wire.ErrTooLarge},
		{buf: "83 00'abc'", limit: 10, msg: "'abc'"}, // a length in more bytes than it needs
		{buf: "83 80 80 80 00'abc'", limit: 10, msg: "'abc'"},
		{buf: "83 80 80 80", limit: 10, rest: "83 80 80 80", more: true},
		{buf: "80", limit: 10, rest: "80", more: true},
		{buf: "80 80 80 80 80", limit: 10, rest: "80 80 80 80 80", err: wire.ErrMalformed},
		{buf: "80 80 80 80 80 00", limit: 10, rest: "80 80 80 80 80 00", err: wire.ErrMalformed},
		{buf: "80 80 80 80 08", limit: math.MaxInt, rest: "80 80 80 80 08", err: wire.ErrMalformed},
		{buf: "ff ff ff ff 0f", limit: math.MaxInt, rest: "ff ff ff ff 0f", err: wire.ErrMalformed},
		{buf: "ff ff ff ff 07", limit: math.MaxInt, rest: "ff ff ff ff 07", more: true}, // 2 GiB that may come
		{buf: "ff ff ff ff 07", limit: 1 << 20, rest: "ff ff ff ff 07", err: wire.ErrTooLarge},
	} {
		msg, rest, err := wire.MessagePack.Split(pack(c.buf), c.limit)
		if !bytes.Equal(msg, pack(c.msg)) || !bytes.Equal(rest, pack(c.rest)) || !errors.Is(err, c.err) || (msg == nil) != (c.more || c.err != nil) {
			t.Errorf("%s with the limit %d: %q, %q, %v", c.buf, c.limit, msg, rest, err)
		}
	}
}

func TestMessagePack_aTooLargeMessageSaysTheLimit(t *testing.T) {
	_, _, err := wire.MessagePack.Split(pack("ff ff 03"), 32)
	if want := "the message is too large: it has more than 32 bytes"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	_, _, err = wire.MessagePack.Split(pack("ff ff ff ff ff"), 32)
	if want := "the message is malformed: the length before it has more than 31 bits"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestMessagePack_appendingToAMessageLeavesTheNext(t *testing.T) {
	msg, rest, err := wire.MessagePack.Split(pack("03'abc' 03'def'"), 10)
	_ = append(msg, "overwritten"...)
	if string(rest) != "\x03def" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
}

// Whether a message ends in a piece depends on what came before it.
func TestMessagePack_anyPieceCanEndAMessage(t *testing.T) {
	for _, p := range []string{"", "a", "\x1e", strings.Repeat("a", 1000)} {
		if !wire.MessagePack.Ends([]byte(p)) {
			t.Errorf("%q does not", p)
		}
	}
}

// Split is called for every piece, and nothing is made ready for what has not
// come yet.
func TestMessagePack_splitAllocatesNothing(t *testing.T) {
	buf := append(pack("ff ff 3f"), make([]byte, 1<<20-2)...)
	n := testing.AllocsPerRun(100, func() {
		if msg, _, err := wire.MessagePack.Split(buf, 1<<20); msg != nil || err != nil {
			t.Fatal(msg, err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
