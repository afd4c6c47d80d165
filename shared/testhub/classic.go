package testhub

import "partline.dev/shared/contract"

// ClassicHub is for what only the clients of jQuery SignalR 2 can do.
var ClassicHub = contract.NewHub("classic", contract.ClassicName("classicHub"))

// AddOne is one number.
type AddOne struct{ A int }

// AddTwo is two numbers.
type AddTwo struct{ A, B int }

// AddThree is three numbers.
type AddThree struct{ A, B, C int }

// Refusal is the words and the data of an error.
type Refusal struct {
	Text string
	X    int
}

// Steps is how many steps a work has.
type Steps struct{ Steps int }

// What it has.
var (
	// AddOneMethod and the next two are one method of three overloads, each of
	// which answers with its arguments.
	AddOneMethod   = contract.NewMethod[AddOne, string](ClassicHub, "Add", contract.Overload())
	AddTwoMethod   = contract.NewMethod[AddTwo, string](ClassicHub, "Add", contract.Overload())
	AddThreeMethod = contract.NewMethod[AddThree, string](ClassicHub, "Add", contract.Overload())

	// RememberMethod answers with what the caller's state has as said, and
	// changes it to the text and counts its times.
	RememberMethod = contract.NewMethod[Text, string](ClassicHub, "Remember")

	// WorkMethod reports each of its steps, from 1, and then answers.
	WorkMethod = contract.NewMethod[Steps, string](ClassicHub, "Work", contract.WithProgress[int]())

	// RefuseMethod fails with a public error that carries a Place.
	RefuseMethod = contract.NewMethod[Refusal, None](ClassicHub, "Refuse")

	// WaitMethod answers with the name once EndWaitMethod is called with it.
	WaitMethod    = contract.NewMethod[Name, string](ClassicHub, "Wait")
	EndWaitMethod = contract.NewMethod[Name, None](ClassicHub, "EndWait")

	// SayItMethod has a name that stands in scripts as it is.
	SayItMethod = contract.NewMethod[Text, string](ClassicHub, "Say_It", contract.Verbatim())

	// TellManyMethod sends ToldEvent to its caller so many times.
	TellManyMethod = contract.NewMethod[Steps, None](ClassicHub, "TellMany")

	// ToldEvent counts from 1.
	ToldEvent = contract.NewEvent[Text](ClassicHub, "told")

	// LivesOfMethod answers with what has happened to a connection: connected,
	// reconnected, disconnected, the last with its error if there was one.
	LivesOfMethod = contract.NewMethod[Name, []string](ClassicHub, "LivesOf")

	// ClassicAPI is all of it.
	ClassicAPI = contract.NewAPI(ClassicHub,
		AddOneMethod, AddTwoMethod, AddThreeMethod, RememberMethod, WorkMethod, RefuseMethod,
		WaitMethod, EndWaitMethod, SayItMethod, TellManyMethod, ToldEvent, LivesOfMethod)
)

// OtherHub is a hub beside another on one connection.
var OtherHub = contract.NewHub("other", contract.ClassicName("otherHub"))

// What it has.
var (
	// OtherEcho answers with the text.
	OtherEcho = contract.NewMethod[Text, string](OtherHub, "Echo")

	// OtherPush sends OtherMessage to everybody.
	OtherPush = contract.NewMethod[Text, None](OtherHub, "Push")

	// OtherMessage is a line.
	OtherMessage = contract.NewEvent[Text](OtherHub, "message")

	// OtherAPI is all of it.
	OtherAPI = contract.NewAPI(OtherHub, OtherEcho, OtherPush, OtherMessage)
)

// VerbatimHub has a classic name that is not of the usual kind.
var VerbatimHub = contract.NewHub("verbatim", contract.ClassicName("Verbatim_Hub"))

// What it has.
var (
	// VerbatimEcho answers with the text.
	VerbatimEcho = contract.NewMethod[Text, string](VerbatimHub, "Echo")

	// VerbatimGreeted is sent twice to whoever connects: 1 and 2.
	VerbatimGreeted = contract.NewEvent[Text](VerbatimHub, "greeted")

	// VerbatimAPI is all of it.
	VerbatimAPI = contract.NewAPI(VerbatimHub, VerbatimEcho, VerbatimGreeted)
)
