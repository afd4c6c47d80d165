// Package wire is the hub protocol of ASP.NET Core SignalR: what a message is,
// how it stands on a link, and how Go values become its arguments and back.
//
//	args, err := wire.ArgumentsOf(connected.SendMethod.Descriptor())
//	m := wire.Message{Kind: wire.Invocation, Target: []byte("Send")}
//	m.Arguments, err = wire.JSON.AppendArguments(nil, args, reflect.ValueOf(req))
//	link.Write(wire.JSON.Append(nil, &m))
//
// A [Codec] is one encoding of the protocol. Values go through a [Plan], made
// once for each type by reflection; every encoding is a writer and a reader over
// the same plan, so what can travel does not depend on how it travels.
//
// # What a value looks like
//
// In [JSON]: numbers and enums as numbers, []byte as base64, [time.Time] as ISO
// 8601, structs as objects with camelCase names, nil slices, maps and pointers as
// null.
//
// In [MessagePack]: integers and floats as such, and integers are read into
// floats, enums as their names (see [contract.Enum]), []byte as bytes,
// [time.Time] as a timestamp, which has no zone and is UTC when it is read, or as
// JSON has it when a peer writes text; structs as maps with names as declared.
// [contract.RawJSON] becomes MessagePack and back: numbers that are no integers
// of 64 bits become floats, bytes come as base64 and times as text.
//
// In both: names are read in any case, unknown members are skipped, of members of
// one name the last counts, absent members are zero. Null is read as zero into
// strings, slices, maps, pointers and structs, and refused elsewhere. Text that
// is not UTF-8 is refused both ways, and so are NaN, the infinities and times
// outside the years 0 to 9999: what can travel does not depend on the codec.
// Integers above 2^53 keep their digits, but a JavaScript peer rounds them.
//
// # Limits
//
// The constants of this package bound what one message may make its receiver
// hold. Decoding a message allocates less than the message is long, and 480 bytes
// for the list of its headers. Reading its
// values takes what the contract's types ask for: a slice at most four times its
// element's size for every two bytes that arrived, growth included, and a
// contract.RawJSON that came as MessagePack six bytes for each, 32 with what its
// growth leaves behind.
//
// Concurrency: everything may be used from any goroutine. Nothing here blocks,
// starts a goroutine or keeps what it was given.
package wire

import "reflect"

// Kind is the type of a hub message, as numbered by the protocol.
type Kind uint8

// The kinds of hub message. Unknown stands for every number that this package
// does not know; such a message is ignored, since a newer peer may send it.
const (
	Unknown          Kind = 0
	Invocation       Kind = 1 // call a method, or push an event
	StreamItem       Kind = 2 // one value of a stream, either way
	Completion       Kind = 3 // the answer to a call, or the end of a stream
	StreamInvocation Kind = 4 // call a stream
	CancelInvocation Kind = 5 // the caller of a stream has heard enough
	Ping             Kind = 6 // the link is alive
	Close            Kind = 7 // the connection ends
	Ack              Kind = 8 // all messages up to SequenceID were processed
	Sequence         Kind = 9 // the next message is number SequenceID
)

// Message is one hub message. Fields that its kind does not have are zero.
//
// After [Codec.Decode] the byte slices alias the record that was decoded,
// except where an escape forced a copy: whoever keeps one copies it.
type Message struct {
	Kind           Kind
	InvocationID   []byte   // nil: none, so nobody waits for an answer
	Hub            []byte   // of kind 1: the hub's name to SignalR 2, which only that protocol's codec writes
	Target         []byte   // of kinds 1 and 4
	Arguments      []byte   // of kinds 1 and 4: the encoded array; nil is written as an empty one
	ArgumentCount  int      // how many values Arguments has; set by Decode, not read by Append
	StreamIDs      []string // of kinds 1 and 4: the upload streams
	Headers        []Header // of kind 1: what is said about the message beside its arguments
	Value          []byte   // encoded item of kind 2, result of kind 3; nil: absent, an encoded null is present
	Error          []byte   // of kinds 3 and 7
	HasError       bool     // Error is present, though perhaps empty
	AllowReconnect bool     // of kind 7
	SequenceID     int64    // of kinds 8 and 9; never negative
}

// Header is a name and its value, beside the arguments of an invocation. Peers that
// do not know the name do not mind it. Of those that come, [MaxHeaders] are kept, in
// their order, also two of one name; one that is longer than [MaxHeader], and a
// value that is no text, are checked and skipped.
type Header struct{ Name, Value string }

// mustHaveKind panics unless m can be written.
func (m *Message) mustHaveKind() {
	if m.Kind == Unknown || m.Kind > Sequence {
		panic("wire: a message of no known kind cannot be written")
	}
}

// Codec is one encoding of the hub protocol.
type Codec interface {
	// Name is what the handshake calls the codec.
	Name() string

	// Binary tells whether messages need a link that carries any byte.
	Binary() bool

	// Split returns the first whole message of buf, without its framing, and
	// what comes after. A nil msg means that more bytes are needed. A message
	// of more than limit bytes gives [ErrTooLarge] as soon as that is certain,
	// also when it is not whole yet. Msg and rest alias buf.
	Split(buf []byte, limit int) (msg, rest []byte, err error)

	// Ends tells whether a message can end in p, the latest piece of one that
	// comes in pieces. While it does not, and all pieces together are within
	// the limit, Split would only ask for more: whoever does not call it then
	// looks at each byte once, however small the pieces are.
	Ends(p []byte) bool

	// Decode reads one message as Split returned it, overwriting all of m. It
	// checks syntax, UTF-8, depth and counts of the whole record, also of the
	// parts that it leaves encoded. An error means that the peer broke the
	// protocol: the connection cannot go on.
	Decode(msg []byte, m *Message) error

	// Append appends m, framed. Arguments and Value must come from
	// AppendArguments and AppendValue of the same codec. Bytes of a name or
	// error text that are not UTF-8 are written as U+FFFD. It panics if m is of
	// kind Unknown.
	Append(dst []byte, m *Message) []byte

	// AppendArguments appends the fields of the request v as an argument list.
	// Trailing optional arguments that are zero are left out, so that a peer
	// which does not know them yet is not disturbed. V must be of the struct
	// type that p was made for. On an error dst is returned as it was.
	AppendArguments(dst []byte, p *Arguments, v reflect.Value) ([]byte, error)

	// AppendValue appends v, which must be of p's type. On an error dst is
	// returned as it was.
	AppendValue(dst []byte, p *Plan, v reflect.Value) ([]byte, error)

	// ReadArguments reads an encoded argument list into the request v, which
	// must be settable and of p's type; all of its arguments are overwritten.
	// Too few or too many give [ErrCount], others than expected [ErrType].
	// Nothing of v aliases raw.
	ReadArguments(raw []byte, p *Arguments, v reflect.Value) error

	// ReadValue reads one encoded value into v, which must be settable and of
	// p's type. A nil raw, an absent value, is only right for [contract.None],
	// which takes any value. Nothing of v aliases raw.
	ReadValue(raw []byte, p *Plan, v reflect.Value) error
}

// JSON is the "json" hub protocol: objects with camelCase names, each ended by
// the byte 0x1E.
var JSON Codec = jsonCodec{camelCase}

// JSONAsDeclared is JSON but for the names, which are written as they were
// declared: what ASP.NET Core writes where its PropertyNamingPolicy is null.
var JSONAsDeclared Codec = jsonCodec{asDeclared}

// MessagePack is the "messagepack" hub protocol: arrays, each after its length.
// A program that does not mention it does not carry it.
var MessagePack Codec = packCodec{}
