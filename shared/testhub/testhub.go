// Package testhub is the contract of the hubs of our test server: everything a
// SignalR client can do, once, in small. Tests of the unmodified npm clients and
// of our own speak it; nothing that ships does.
//
//	sum, err := client.Call(ctx, c, testhub.SumMethod, testhub.Sum{Factor: 2})
//
// Concurrency: it holds descriptors and plain values only.
package testhub

import (
	"time"

	"partline.dev/shared/contract"
)

// Hub is where all can be done.
var Hub = contract.NewHub("test")

// Text is one line, as a request and as an event.
type Text struct{ Text string }

// Name names a group, a claim or a connection.
type Name struct{ Name string }

// None says that there is nothing to say.
type None = contract.None

// What a caller hears of itself.
var (
	// EchoMethod answers with the text.
	EchoMethod = contract.NewMethod[Text, string](Hub, "Echo")

	// NothingMethod answers that it is done.
	NothingMethod = contract.NewMethod[None, None](Hub, "Nothing")

	// PushMethod sends MessageEvent to its caller and then answers.
	PushMethod = contract.NewMethod[Text, None](Hub, "Push")

	// ConnectionIDMethod answers with the id of the caller's connection.
	ConnectionIDMethod = contract.NewMethod[None, string](Hub, "ConnectionID")

	// ClaimMethod answers with a claim of the caller's, null if it has none.
	ClaimMethod = contract.NewMethod[Name, *string](Hub, "Claim")

	// AbortMethod ends the caller's connection.
	AbortMethod = contract.NewMethod[None, None](Hub, "Abort")
)

// Tell is a text and whom it is for.
type Tell struct {
	// Whom is a target of SignalR's: all, others, caller, allExcept, client,
	// clients, group, groups, groupExcept, othersInGroup, user or users.
	Whom string

	Text string

	// Names are the connections, groups or users that Whom asks for.
	Names []string

	// Except are the connections left out.
	Except []string `arg:"optional"`
}

// Who hears what.
var (
	// TellMethod sends MessageEvent to a target.
	TellMethod = contract.NewMethod[Tell, None](Hub, "Tell")

	// JoinMethod puts the caller into a group.
	JoinMethod = contract.NewMethod[Name, None](Hub, "Join")

	// LeaveMethod takes the caller out of a group.
	LeaveMethod = contract.NewMethod[Name, None](Hub, "Leave")

	// MessageEvent is a line.
	MessageEvent = contract.NewEvent[Text](Hub, "message")
)

// Step is one of a row of calls.
type Step struct{ N int }

// Order and loss.
var (
	// StepMethod sends SteppedEvent to its caller and then answers with N. It
	// fails if N is not one more than the last N of that connection, so that
	// the caller learns of a call that is lost, doubled or overtaken.
	StepMethod = contract.NewMethod[Step, int](Hub, "Step")

	// SteppedEvent tells of a step, before its call is answered.
	SteppedEvent = contract.NewEvent[Step](Hub, "stepped")
)

// Ask is a question for one client.
type Ask struct {
	// ConnectionID is who is asked; empty is the caller.
	ConnectionID string

	Question string

	// Milliseconds is how long the answer may take; zero is 30 s.
	Milliseconds int `arg:"optional"`
}

// Client results.
var (
	// AskMethod asks a client by AnswerQuery and passes on its answer, or its
	// error's text as a public error.
	AskMethod = contract.NewMethod[Ask, string](Hub, "Ask")

	// AnswerQuery is what the hub asks.
	AnswerQuery = contract.NewQuery[Text, string](Hub, "answer")

	// TotalMethod asks the caller by NumbersQuery and adds them up.
	TotalMethod = contract.NewMethod[None, int](Hub, "Total")

	// NumbersQuery asks for numbers.
	NumbersQuery = contract.NewQuery[None, []int](Hub, "numbers")
)

// Fail says how to fail.
type Fail struct {
	How  string // public, plain or panic
	Text string
}

// Errors.
var (
	// FailMethod fails.
	FailMethod = contract.NewMethod[Fail, None](Hub, "Fail")

	// AdminMethod is for callers with the role admin alone.
	AdminMethod = contract.NewMethod[None, string](Hub, "Admin")
)

// Kinds are values of every type that can travel.
type Kinds struct {
	Yes      bool
	Small    int8
	Whole    int
	Large    int64 // at most 2^53: JavaScript has no more
	Positive uint64
	Half     float64
	Third    float32
	Text     string
	Bytes    []byte
	Moment   time.Time
	GUID     string
	Numbers  []int
	Texts    []string
	Table    map[string]int
	Place    Place
	Places   []Place
	Pointer  *int
	Nobody   *Place
	Colour   Colour
	Level    Level
}

// Place is a value inside another.
type Place struct {
	Name string
	X, Y int
}

// Colour is an enum: a number in JSON, its name in MessagePack.
type Colour int

// The colours.
const (
	Red Colour = iota
	Green
	Blue
)

// EnumNames are the names of the colours.
func (Colour) EnumNames() map[int64]string {
	return map[int64]string{int64(Red): "Red", int64(Green): "Green", int64(Blue): "Blue"}
}

// Level is an integer with a name of its own, and no enum.
type Level int

// Typed is a row of arguments, of which the last may be absent.
type Typed struct {
	A int
	B string
	C []bool
	D *float64 `arg:"optional"`
}

// KindsValue is values of every type as an argument.
type KindsValue struct{ Value Kinds }

// Placed is a place as an argument.
type Placed struct{ Place Place }

// Size is a number of bytes.
type Size struct{ Bytes int }

// Value types.
var (
	// KindsMethod answers with the values it was given.
	KindsMethod = contract.NewMethod[KindsValue, Kinds](Hub, "Kinds")

	// FixedKindsMethod answers with values of its own.
	FixedKindsMethod = contract.NewMethod[None, Kinds](Hub, "FixedKinds")

	// PlaceMethod sends PlacedEvent to its caller.
	PlaceMethod = contract.NewMethod[Placed, None](Hub, "Place")

	// PlacedEvent is an object.
	PlacedEvent = contract.NewEvent[Placed](Hub, "placed")

	// TypedMethod answers with its arguments as text.
	TypedMethod = contract.NewMethod[Typed, string](Hub, "Typed")

	// SizeMethod answers with a text of so many bytes.
	SizeMethod = contract.NewMethod[Size, string](Hub, "Size")
)
