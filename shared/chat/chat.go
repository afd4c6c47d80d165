// Package chat is the contract of a chat whose messages are kept: what is posted to a
// place, to a user's own devices or to a tenant is there for whoever comes later.
//
//	const at = await connection.invoke("Post", "hello");              // {epoch, offset, at}
//	connection.on("message", (epoch, offset, at, author, text) => show(text));
//	connection.stream("Replay", epoch, offset).subscribe({ next: (item) => ... });
//
// To show each message once, over any break: hear [MessageEvent] from the start, and
// after each connect ask for [Replay] since the last message that was shown. Show what
// it gives, then what was heard meanwhile; drop what has the same epoch and no higher
// an offset than what was shown.
package chat

import "partline.dev/shared/contract"

// Hub is the hub at /hubs/chat.
var Hub = contract.NewHub("chat")

// Post is what somebody says to everybody in the scope that they are in.
type Post struct {
	Text string // of 1 to [MaxText] bytes; it is passed on as it is
}

// MaxText is the longest text of a message, in bytes.
const MaxText = 16 << 10

// Posted says that a message is kept, and where. In the scopes page, session and
// world, where nothing is kept, Epoch is empty and Offset 0: it was sent.
type Posted struct {
	Epoch  string
	Offset int64
	At     int64 // when, in ms since 1970
}

// Message is one message. Messages that are kept have an epoch and an offset: within
// an epoch they are numbered from 1 on, without a hole. Another epoch begins when a
// server has lost what it had kept.
type Message struct {
	Epoch  string // empty: the message is not kept
	Offset int64  // 0: the message is not kept
	At     int64  // when it was posted, in ms since 1970
	Author string // who posted it, as the server knows them; empty: somebody without a name
	Text   string
}

// Since is what a replay begins after: the last message that was shown. Without an
// epoch it begins with the oldest message that is kept.
type Since struct {
	Epoch  string `arg:"optional"`
	Offset int64  `arg:"optional"` // 0: before the first of the epoch
}

// Item is one thing of a replay: a gap or a message, and the other is null.
type Item struct {
	Gap     *Gap
	Message *Message
}

// Gap is messages that can no longer be had. It comes before the messages that follow
// it.
type Gap struct {
	Epoch string

	// From is the offset of the first of them and To that of the last. To is 0 if the
	// epoch has ended, and nobody knows how many of its messages were not shown.
	From, To int64
}

// The words in brackets before what people read when the hub refuses, beside those
// that every hub has.
const (
	CodeText  = "text"  // a message is empty or too long
	CodeSince = "since" // there is no such place to begin after
	CodeFull  = "full"  // there is no room to keep a message, and nothing was sent
)

// The methods, events and streams of the hub.
var (
	// PostMethod posts a message. Where messages are kept it is answered once this one
	// is, and everybody hears them in the order of their offsets.
	PostMethod = contract.NewMethod[Post, Posted](Hub, "Post")

	// MessageEvent is a message that was posted.
	MessageEvent = contract.NewEvent[Message](Hub, "message")

	// Replay gives what is kept of the scope that the caller is in, from a place on up
	// to now, and ends. What comes later is heard.
	Replay = contract.NewStream[Since, Item](Hub, "Replay")

	API = contract.NewAPI(Hub, PostMethod, MessageEvent, Replay)
)
