package linktest

import (
	"fmt"
	"strings"
)

// Ids of pages, of the form that they have to have.
var (
	pageOne = strings.Repeat("a", 21) + "A"
	pageTwo = strings.Repeat("b", 21) + "A"
)

// calls are records that are right, and say what cannot be done. After each the
// connection goes on.
func calls() []input {
	fails := func(method string) string {
		return failed("1", "Failed to invoke '"+method+"' due to an error on the server.")
	}
	unexpected := func(method, more string) string {
		return failed("1", "An unexpected error occurred invoking '"+method+"' on the server."+more)
	}
	all := []input{
		{name: "unknown target", send: []string{call("1", "Nope", "")}, see: failed("1", "Unknown hub method 'Nope'")},
		{name: "unknown target that nobody waits for", send: []string{call("", "Nope", "")}},
		{name: "unknown target with a control character", send: []string{call("1", `a\u0000\u001b[31m`, "")}, see: `{"type":3,"invocationId":"1","error":"Unknown hub method '`, begin: true},
		{name: "a Go method that was never registered", send: []string{call("1", "OnConnect", "")}, see: failed("1", "Unknown hub method 'OnConnect'")},
		{name: "too few arguments", send: []string{call("1", "Say", "")}, see: fails("Say")},
		{name: "too many arguments", send: []string{call("1", "Say", `"a","b"`)}, see: fails("Say")},
		{name: "an argument of another type", send: []string{call("1", "Say", `{"a":1}`)}, see: fails("Say")},
		{name: "a number out of range", send: []string{call("1", "Add", "1e999,1")}, see: fails("Add")},
		{name: "a stream of a method", send: []string{`{"type":4,"invocationId":"1","target":"Say","arguments":["x"]}` + rs},
			see: failed("1", "The client attempted to invoke the non-streaming 'Say' method with a streaming invocation.")},
		{name: "an error of the hub", send: []string{call("1", "Fail", `"error"`)}, see: unexpected("Fail", "")},
		{name: "a panic of the hub", send: []string{call("1", "Fail", `"panic"`)}, see: unexpected("Fail", "")},
		{name: "cancels of nothing", send: []string{strings.Repeat(`{"type":5,"invocationId":"9"}`+rs, 1000)}},
		{name: "completions of nothing", send: []string{strings.Repeat(`{"type":3,"invocationId":"s1","result":1}`+rs+`{"type":3,"invocationId":"1","error":"no"}`+rs, 500)}},
		{name: "items of nothing", send: []string{strings.Repeat(`{"type":2,"invocationId":"9","item":1}`+rs, 1000)}},
		{name: "acknowledgements and sequences of nothing", send: []string{strings.Repeat(`{"type":8,"sequenceId":9}`+rs+`{"type":9,"sequenceId":9}`+rs, 100)}},
		{name: "an upload that is announced to a method without", send: []string{`{"type":1,"invocationId":"1","target":"Add","arguments":[1,2],"streamIds":["s"]}` + rs}, see: unexpected("Add", " HubException: Client sent 1 stream(s), Hub method expects 0.")},
		{name: "an upload that is not announced", send: []string{call("1", "Sum", "")}, see: unexpected("Sum", " HubException: Client sent 0 stream(s), Hub method expects 1.")},
		{name: "a group whose name has a control character", send: []string{call("1", "Join", `"a\u0000b"`)}, see: unexpected("Join", "")},
		{name: "a group without a name", send: []string{call("1", "Join", `""`)}, see: unexpected("Join", "")},
		{name: "a group of 256 bytes", send: []string{call("1", "Join", `"`+strings.Repeat("x", 256)+`"`)}, see: unexpected("Join", "")},
	}
	return append(all, builtins()...)
}

// builtins are calls of what every hub has. What exactly is wrong is the core's to say.
func builtins() (all []input) {
	for i, arguments := range []string{
		``, `{},{}`, `5`, `[]`, `{"scope":5}`, `{"scope":"all"}`, `{"scope":"page"}`, `{"scope":"page","page":"x"}`, `{"scope":"page","page":"` + pageOne[:21] + `\u0000"}`,
		`{"scope":"session","session":"` + strings.Repeat("A", 30<<10) + `"}`, `{"scope":"place","place":"a\u0001"}`, `{"scope":"world"}`, `{"scope":"user"}`,
	} {
		all = append(all, input{name: fmt.Sprint("$enter, wrong in way ", i), send: []string{call("1", "$enter", arguments)}, see: `{"type":3,"invocationId":"1","error":"`, begin: true})
	}
	for _, wrong := range [][2]string{
		{"$rename", `""`}, {"$rename", `"a\u202eb"`}, {"$rename", `7`}, {"$rename", `"` + strings.Repeat("n", 256) + `"`},
		{"$refresh", `"x"`}, {"$refresh", `null`}, {"$leave", ``}, {"$", ``}, {"$$enter", `{}`},
	} {
		all = append(all, input{name: fmt.Sprintf("%s of %.20q", wrong[0], wrong[1]), send: []string{call("1", wrong[0], wrong[1])}, see: `{"type":3,"invocationId":"1","error":"`, begin: true})
	}
	return all
}
