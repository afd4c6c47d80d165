package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"partline.dev/shared/wire"
)

// packed has every form of every kind, in the bytes that the protocol's document
// gives it; the frame's length comes before them.
var packed = []struct {
	name  string
	bytes string
	m     wire.Message
}{
	{"an invocation that nobody waits for", "96 01 80 c0 a4'Send' 90 90",
		wire.Message{Kind: wire.Invocation, Target: []byte("Send"), Arguments: pack("90")}},
	{"an invocation", "96 01 80 a2'17' a4'Send' 92 a1'a' 81 a1'b' 92 01 02 90",
		wire.Message{Kind: wire.Invocation, InvocationID: []byte("17"), Target: []byte("Send"), Arguments: pack("92 a1'a' 81 a1'b' 92 01 02"), ArgumentCount: 2}},
	{"an invocation with uploads", "96 01 80 a2's1' a2'up' 91 c0 92 a1'1' a1'2'",
		wire.Message{Kind: wire.Invocation, InvocationID: []byte("s1"), Target: []byte("up"), Arguments: pack("91 c0"), ArgumentCount: 1, StreamIDs: []string{"1", "2"}}},
	{"an event with headers", "96 01 82 a7'from-id' a3'ann' a1'n' a0 c0 a5'heard' 90 90",
		wire.Message{Kind: wire.Invocation, Target: []byte("heard"), Arguments: pack("90"), Headers: []wire.Header{{"from-id", "ann"}, {"n", ""}}}},
	{"a name of 33 bytes", "96 01 80 c0 d9 21'" + strings.Repeat("n", 33) + "' 90 90",
		wire.Message{Kind: wire.Invocation, Target: bytes.Repeat([]byte("n"), 33), Arguments: pack("90")}},
	{"a stream item", "94 02 80 a1'1' 81 a1'a' 01",
		wire.Message{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: pack("81 a1'a' 01")}},
	{"a stream item that is null", "94 02 80 a1'1' c0",
		wire.Message{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: pack("c0")}},
	{"a completion with an error", "95 03 80 a1'1' 01 a6'no way'",
		wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), HasError: true, Error: []byte("no way")}},
	{"a completion with an error that says nothing", "95 03 80 a1'1' 01 a0",
		wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), HasError: true, Error: []byte{}}},
	{"a completion without a result", "94 03 80 a1'1' 02",
		wire.Message{Kind: wire.Completion, InvocationID: []byte("1")}},
	{"a completion with a result", "95 03 80 a1'1' 03 91 01",
		wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), Value: pack("91 01")}},
	{"a completion with the result null", "95 03 80 a1'1' 03 c0",
		wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), Value: pack("c0")}},
	{"a stream invocation", "96 04 80 a1'2' a6'Replay' 91 01 90",
		wire.Message{Kind: wire.StreamInvocation, InvocationID: []byte("2"), Target: []byte("Replay"), Arguments: pack("91 01"), ArgumentCount: 1}},
	{"a stream invocation with an upload", "96 04 80 a1'2' a4'Both' 90 91 a1'3'",
		wire.Message{Kind: wire.StreamInvocation, InvocationID: []byte("2"), Target: []byte("Both"), Arguments: pack("90"), StreamIDs: []string{"3"}}},
	{"a cancel", "93 05 80 a1'2'", wire.Message{Kind: wire.CancelInvocation, InvocationID: []byte("2")}},
	{"a ping", "91 06", wire.Message{Kind: wire.Ping}},
	{"a close", "93 07 c0 c2", wire.Message{Kind: wire.Close}},
	{"a close to come back from", "93 07 c0 c3", wire.Message{Kind: wire.Close, AllowReconnect: true}},
	{"a close with an error", "93 07 a5'later' c3", wire.Message{Kind: wire.Close, HasError: true, Error: []byte("later"), AllowReconnect: true}},
	{"an ack", "92 08 00", wire.Message{Kind: wire.Ack}},
	{"the highest ack", "92 08 cf 7f ff ff ff ff ff ff ff", wire.Message{Kind: wire.Ack, SequenceID: 1<<63 - 1}},
	{"a sequence", "92 09 cd 01 8a", wire.Message{Kind: wire.Sequence, SequenceID: 394}},
}

func TestMessagePack_bytes(t *testing.T) {
	for _, c := range packed {
		body := pack(c.bytes)
		want := append([]byte{byte(len(body))}, body...)
		if got := wire.MessagePack.Append([]byte("before"), &c.m); string(got) != "before"+string(want) {
			t.Errorf("%s is written %x, want %x", c.name, got[len("before"):], want)
		}
		if back, err := unpack(t, body); err != nil || !reflect.DeepEqual(back, c.m) {
			t.Errorf("%s is read as %+v, %v\nwant %+v", c.name, back, err, c.m)
		}
	}
}

func TestMessagePack_lengthBeforeTheMessage(t *testing.T) {
	for _, c := range []struct {
		size   int // of the whole message
		prefix string
	}{
		{16, "10"}, {127, "7f"}, {128, "80 01"}, {16383, "ff 7f"}, {16384, "80 80 01"}, {1 << 20, "80 80 40"},
		{1<<21 - 1, "ff ff 7f"}, {1 << 21, "80 80 80 01"},
	} {
		value := bytes.Repeat([]byte{0x93}, c.size-5) // Append takes it as it is
		frame := wire.MessagePack.Append([]byte("before"), &wire.Message{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: value})
		want := append(append([]byte("before"), pack(c.prefix)...), pack("94 02 80 a1'1'")...)
		if !bytes.HasPrefix(frame, want) || len(frame) != len(want)+len(value) {
			t.Errorf("%d bytes are %x..., %d in all", c.size, frame[:len(want)], len(frame))
		}
	}
}

func TestMessagePack_appendWhatIsAbsent(t *testing.T) {
	for want, m := range map[string]wire.Message{
		"96 01 80 c0 a1't' 90 90":            {Kind: wire.Invocation, Hub: []byte("only SignalR 2 writes it"), Target: []byte("t")},
		"94 02 80 a1'1' c0":                  {Kind: wire.StreamItem, InvocationID: []byte("1")},
		"91 06":                              {Kind: wire.Ping, InvocationID: []byte("1"), Target: []byte("t"), Value: []byte("1"), HasError: true},
		"96 01 80 c0 a5'a\uFFFDb' 90 90":     {Kind: wire.Invocation, Target: []byte("a\xffb")},
		"93 07 a5'a\uFFFDb' c2":              {Kind: wire.Close, HasError: true, Error: []byte("a\xffb")},
		"95 03 80 a1'1' 01 a3'bad'":          {Kind: wire.Completion, InvocationID: []byte("1"), HasError: true, Error: []byte("bad"), Value: []byte("1")},
		"96 01 80 c0 a1't' 90 91 a3'\uFFFD'": {Kind: wire.Invocation, Target: []byte("t"), StreamIDs: []string{"\xff"}},
	} {
		body := pack(want)
		if got := wire.MessagePack.Append(nil, &m); !bytes.Equal(got[1:], body) {
			t.Errorf("%x, want %x", got[1:], body)
		}
	}
}

func TestMessagePack_appendPanicsWithoutAKind(t *testing.T) {
	for _, k := range []wire.Kind{wire.Unknown, 10, 255} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != "wire: a message of no known kind cannot be written" {
					t.Errorf("kind %d: %s", k, got)
				}
			}()
			wire.MessagePack.Append(nil, &wire.Message{Kind: k})
		}()
	}
}

// What other clients write otherwise than we do, and later ones may.
func TestMessagePack_decodeTakes(t *testing.T) {
	called := wire.Message{Kind: wire.Invocation, InvocationID: []byte("1"), Target: []byte("t"), Arguments: pack("91 01"), ArgumentCount: 1}
	labelled := called
	labelled.Headers = []wire.Header{{"x", "y"}, {"more", "z"}}
	nobody := wire.Message{Kind: wire.Invocation, Target: []byte("t"), Arguments: pack("90")}
	done := wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), Value: pack("05")}
	for _, c := range []struct {
		name, record string
		want         wire.Message
	}{
		{"no streamIds, as the JavaScript client", "95 01 80 a1'1' a1't' 91 01", called},
		{"no uploads", "96 01 80 a1'1' a1't' 91 01 90", called},
		{"streamIds that are nil", "96 01 80 a1'1' a1't' 91 01 c0", called},
		{"a member more", "97 01 80 a1'1' a1't' 91 01 90 93 01 81 01 02 c0", called},
		{"array16 and array32", "dc 00 06 01 80 a1'1' a1't' 91 01 dd 00 00 00 00", called},
		{"headers", "95 01 82 a1'x' a1'y' a4'more' d9 01'z' a1'1' a1't' 91 01", labelled},
		{"headers of any type", "95 01 de 00 01 c0 92 c3 c2 a1'1' a1't' 91 01", called},
		{"a type of another form", "95 cc 01 80 a1'1' a1't' 91 01", called},
		{"a type with a sign", "95 d3 00 00 00 00 00 00 00 01 80 a1'1' a1't' 91 01", called},
		{"names of another form", "95 01 80 d9 01'1' da 00 01't' 91 01", called},
		{"a name in str32", "95 01 80 a1'1' db 00 00 00 01't' 91 01", called},
		{"no invocationId", "95 01 80 c0 a1't' 90", nobody},
		{"an empty invocationId, as ASP.NET Core takes it", "95 01 80 a0 a1't' 90", nobody},
		{"a result", "95 03 80 a1'1' 03 05", done},
		{"a result and a member more", "96 03 80 a1'1' 03 05 c0", done},
		{"no result, and a member more", "95 03 80 a1'1' 02 c0", wire.Message{Kind: wire.Completion, InvocationID: []byte("1")}},
		{"an item and a member more", "95 02 80 a1'1' 05 d4 05 00", wire.Message{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: pack("05")}},
		{"a close without allowReconnect, as the JavaScript client", "92 07 c0", wire.Message{Kind: wire.Close}},
		{"a close and a member more", "94 07 c0 c3 01", wire.Message{Kind: wire.Close, AllowReconnect: true}},
		{"a ping and a member more", "92 06 80", wire.Message{Kind: wire.Ping}},
		{"a sequence with a sign", "92 09 d1 01 8a", wire.Message{Kind: wire.Sequence, SequenceID: 394}},
		{"an ack and a member more", "93 08 01 c0", wire.Message{Kind: wire.Ack, SequenceID: 1}},
		{"a type that nobody knows", "92 0a 93 01 02 03", wire.Message{}},
		{"the type zero", "91 00", wire.Message{}},
		{"a type below zero", "91 ff", wire.Message{}},
		{"a type above a byte", "91 cd 01 01", wire.Message{}},
		{"a type of 64 bits", "92 cf ff ff ff ff ff ff ff ff c0", wire.Message{}},
	} {
		if m, err := unpack(t, pack(c.record)); err != nil || !reflect.DeepEqual(m, c.want) {
			t.Errorf("%s: %+v, %v\nwant %+v", c.name, m, err, c.want)
		}
	}
}

func TestMessagePack_decodeRefuses(t *testing.T) {
	long := "da 01 00'" + strings.Repeat("n", wire.MaxName+1) + "'"
	many := "dc 00 41" + strings.Repeat("01", wire.MaxArguments+1)
	streams := "dc 00 11" + strings.Repeat("a1'1'", wire.MaxStreamIDs+1)
	for _, c := range []struct{ record, says string }{
		{"", "it ends where a value is expected"},
		{"c0", "it is not an array"},
		{"06", "it is not an array"},
		{"81 06 06", "it is not an array"},
		{"a1'a'", "it is not an array"},
		{"90", "it has no type"},
		{"91 c0", "its type is not an integer"},
		{"91 a1'6'", "its type is not an integer"},
		{"91 ca 40 c0 00 00", "its type is not an integer"},
		{"91 91 06", "its type is not an integer"},
		{"91 01", "it has no headers"},
		{"92 01 c0", "its headers are not a map"},
		{"92 05 90", "its headers are not a map"},
		{"92 01 80", "it has no invocationId"},
		{"93 01 80 05", "its invocationId is not a string"},
		{"95 01 80 " + long + " a1't' 90", "its invocationId is longer than 255 bytes"},
		{"93 01 80 c0", "it has no target"},
		{"95 01 80 c0 c0 90", "it has no target"},
		{"95 01 80 c0 a0 90", "its target is empty"},
		{"95 01 80 c0 05 90", "its target is not a string"},
		{"95 01 80 c0 c4 01't' 90", "its target is not a string"},
		{"95 01 80 c0 " + long + " 90", "its target is longer than 255 bytes"},
		{"94 01 80 c0 a1't'", "it has no arguments"},
		{"95 01 80 c0 a1't' c0", "its arguments are not an array"},
		{"95 01 80 c0 a1't' 80", "its arguments are not an array"},
		{"95 01 80 c0 a1't' " + many, "it has more than 64 arguments"},
		{"96 01 80 c0 a1't' 90 80", "its streamIds are not an array"},
		{"96 01 80 c0 a1't' 90 91 01", "its streamId is not a string"},
		{"96 01 80 c0 a1't' 90 91 c0", "it has no streamId"},
		{"96 01 80 c0 a1't' 90 91 a0", "its streamId is empty"},
		{"96 01 80 c0 a1't' 90 91 " + long, "its streamId is longer than 255 bytes"},
		{"96 01 80 c0 a1't' 90 " + streams, "it has more than 16 streamIds"},
		{"93 02 80 a1'1'", "it has no item"},
		{"94 02 80 c0 01", "it has no invocationId"},
		{"94 02 80 a0 01", "its invocationId is empty"},
		{"93 03 80 a1'1'", "it has no result kind"},
		{"94 03 80 c0 02", "it has no invocationId"},
		{"94 03 80 a1'1' 00", "its result kind is not 1, 2 or 3"},
		{"95 03 80 a1'1' 04 c0", "its result kind is not 1, 2 or 3"},
		{"95 03 80 a1'1' ff c0", "its result kind is not 1, 2 or 3"},
		{"95 03 80 a1'1' a1'3' c0", "its result kind is not 1, 2 or 3"},
		{"94 03 80 a1'1' 01", "it has no error"},
		{"95 03 80 a1'1' 01 c0", "its error is not a string"},
		{"95 03 80 a1'1' 01 05", "its error is not a string"},
		{"94 03 80 a1'1' 03", "it has no result"},
		{"95 04 80 c0 a1't' 90", "it has no invocationId"},
		{"95 04 80 a0 a1't' 90", "its invocationId is empty"},
		{"92 05 80", "it has no invocationId"},
		{"93 05 80 c0", "it has no invocationId"},
		{"91 07", "it has no error"},
		{"92 07 05", "its error is not a string"},
		{"93 07 c0 01", "its allowReconnect is not a boolean"},
		{"93 07 c0 c0", "its allowReconnect is not a boolean"},
		{"91 08", "it has no sequenceId"},
		{"92 08 c0", "its sequenceId is not a count"},
		{"92 08 ff", "its sequenceId is not a count"},
		{"92 09 d3 ff ff ff ff ff ff ff ff", "its sequenceId is not a count"},
		{"92 09 a1'1'", "its sequenceId is not a count"},
		{"92 09 ca 3f 80 00 00", "its sequenceId is not a count"},
		{"92 09 cf 80 00 00 00 00 00 00 00", "its sequenceId is not a count"},
	} {
		m, err := unpack(t, pack(c.record))
		if !errors.Is(err, wire.ErrMalformed) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.60s: %v, want one that says %q", c.record, err, c.says)
		}
		if !reflect.DeepEqual(m, wire.Message{}) {
			t.Errorf("%.60s left %+v", c.record, m)
		}
	}
}

func TestMessagePack_decodeAliasesTheRecord(t *testing.T) {
	record := pack("96 01 80 a1'1' a4'Send' 91 a1'a' 90")
	var m wire.Message
	if err := wire.MessagePack.Decode(record, &m); err != nil {
		t.Fatal(err)
	}
	copy(record[bytes.Index(record, []byte("Send")):], "SEND")
	if string(m.Target) != "SEND" {
		t.Error("the target is a copy")
	}
	_ = append(m.Arguments, "overwritten"...)
	if record[len(record)-1] != 0x90 {
		t.Error("who appends to the arguments writes over what follows")
	}
}
