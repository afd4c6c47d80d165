package testhub

import "partline.dev/shared/contract"

// Count is a row of numbers.
type Count struct{ From, Count int }

// FailAfter says after how many items to fail, and how.
type FailAfter struct {
	Items int
	How   string // public, plain or panic
	Text  string
}

// Blobs are items of one size.
type Blobs struct{ Count, Bytes int }

// Streams from the hub.
var (
	// CountStream counts.
	CountStream = contract.NewStream[Count, int](Hub, "Count")

	// LettersStream is a, b, c.
	LettersStream = contract.NewStream[None, string](Hub, "Letters")

	// EmptyStream has no item.
	EmptyStream = contract.NewStream[None, int](Hub, "Empty")

	// EndlessStream counts until its caller cancels it, and then sends
	// CanceledEvent to it.
	EndlessStream = contract.NewStream[Name, int](Hub, "Endless")

	// CanceledEvent names a stream that was cancelled.
	CanceledEvent = contract.NewEvent[Name](Hub, "canceled")

	// FailStream fails after some items.
	FailStream = contract.NewStream[FailAfter, int](Hub, "FailAfter")

	// BlobsStream is much at once: more than a connection may have queued.
	BlobsStream = contract.NewStream[Blobs, []byte](Hub, "Blobs")
)

// Texts is a stream from the client.
type Texts struct{ Texts contract.Upload[string] }

// Sum is two streams from the client and an argument between them: of streams
// side by side the npm client sends only every other one as a stream.
type Sum struct {
	Left   contract.Upload[int]
	Factor int
	Right  contract.Upload[int]
}

// Bytes is a stream of bytes from the client.
type Bytes struct{ Blobs contract.Upload[[]byte] }

// Numbers is a stream of numbers from the client.
type Numbers struct{ Numbers contract.Upload[int] }

// Streams to the hub.
var (
	// ConcatMethod joins the texts. It fails as the stream does.
	ConcatMethod = contract.NewMethod[Texts, string](Hub, "Concat")

	// SumMethod adds up both streams, the left one first, and multiplies by
	// the factor.
	SumMethod = contract.NewMethod[Sum, int](Hub, "Sum")

	// FirstMethod answers with the first text and leaves the others alone.
	FirstMethod = contract.NewMethod[Texts, string](Hub, "First")

	// BytesMethod counts the bytes of all the blobs.
	BytesMethod = contract.NewMethod[Bytes, int](Hub, "Bytes")

	// DoubleStream answers each number with its double, as it comes.
	DoubleStream = contract.NewStream[Numbers, int](Hub, "Double")
)

// API is all of it.
var API = contract.NewAPI(Hub,
	EchoMethod, NothingMethod, PushMethod, ConnectionIDMethod, ClaimMethod, AbortMethod,
	TellMethod, JoinMethod, LeaveMethod, MessageEvent,
	StepMethod, SteppedEvent,
	AskMethod, AnswerQuery, TotalMethod, NumbersQuery,
	FailMethod, AdminMethod,
	KindsMethod, FixedKindsMethod, PlaceMethod, PlacedEvent, TypedMethod, SizeMethod,
	CountStream, LettersStream, EmptyStream, EndlessStream, CanceledEvent, FailStream, BlobsStream,
	ConcatMethod, SumMethod, FirstMethod, BytesMethod, DoubleStream,
)
