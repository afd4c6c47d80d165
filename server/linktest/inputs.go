package linktest

import (
	"slices"
	"strings"

	"partline.dev/shared/wire"
)

const rs = "\x1e"

func handshake(protocol string) string {
	return `{"protocol":"` + protocol + `","version":1}` + rs
}

// call is a call in JSON; an empty id: nobody waits for its answer.
func call(id, method, arguments string) string {
	if id != "" {
		id = `"invocationId":"` + id + `",`
	}
	return `{"type":1,` + id + `"target":"` + method + `","arguments":[` + arguments + "]}" + rs
}

func answer(id, result string) string {
	return `{"type":3,"invocationId":"` + id + `","result":` + result + "}" + rs
}

func failed(id, text string) string {
	return `{"type":3,"invocationId":"` + id + `","error":"` + text + `"}` + rs
}

func heardMessage(text string) string {
	return `{"type":1,"target":"heard","arguments":["` + text + `"]}` + rs
}

// How the Close message begins that says that a client is to blame.
const closed = `{"type":7,"error":"Connection closed with an error.`

// packAdd is a call of Add with small numbers, in MessagePack.
func packAdd(id string, arguments ...byte) []byte {
	return wire.MessagePack.Append(nil, &wire.Message{
		Kind: wire.Invocation, InvocationID: []byte(id), Target: []byte("Add"), Arguments: append([]byte{0x90 | byte(len(arguments))}, arguments...),
	})
}

// packSum is the answer to a call of Add.
func packSum(id string, total byte) []byte {
	return wire.MessagePack.Append(nil, &wire.Message{
		Kind: wire.Completion, InvocationID: []byte(id), Value: append([]byte("\x81\xa5Total"), total),
	})
}

// pack is a message in MessagePack as it stands there, after its length.
func pack(message string) string {
	n := len(message)
	prefix := []byte{byte(n)}
	for n >= 0x80 {
		prefix[len(prefix)-1] |= 0x80
		n >>= 7
		prefix = append(prefix[:len(prefix)-1], prefix[len(prefix)-1], byte(n))
	}
	return string(prefix) + message
}

// inputs are all of them.
func inputs() []input {
	return slices.Concat(handshakes(), records(), calls(), packed(), storms())
}

// handshakes are first records, which nobody should begin with.
func handshakes() []input {
	all := []input{
		{name: "protocol with quotes", send: []string{`{"protocol":"\"'","version":1}` + rs}, see: `{"error":"The protocol '`, begin: true, code: 1000, why: "unknown protocol"},
		{name: "the handshake in pieces", send: strings.Split(handshake("json"), ""), see: "{}" + rs},
		{name: "the handshake and calls at once", send: []string{handshake("json") + call("1", "Add", "1,2") + call("2", "Add", "3,4")[:9], call("2", "Add", "3,4")[9:]},
			see: "{}" + rs + answer("1", `{"total":3}`) + answer("2", `{"total":7}`)},
		{name: "half a handshake", send: []string{`{"protocol":"js`}, half: true},
	}
	const malformed = "An unexpected error occurred during connection handshake."
	for _, refused := range []struct {
		name, send, text string
		code             int
		why              string
	}{
		{"unknown protocol", `{"protocol":"x","version":1}` + rs, "The protocol 'x' is not supported.", 1000, "unknown protocol"},
		{"version too high", `{"protocol":"json","version":3}` + rs, "The server does not support version 3 of the 'json' protocol.", 1000, "unknown version"},
		{"a handshake too long", strings.Repeat("x", 5000), "Handshake was canceled.", 1009, "handshake too long"},
		{"a handshake too long, with its end", `{"protocol":"json","version":1,"x":"` + strings.Repeat("x", 5000) + `"}` + rs, "Handshake was canceled.", 1009, "handshake too long"},
		{"a handshake too deep", `{"protocol":"json","version":1,"x":` + strings.Repeat("[", 4000) + rs, malformed, 1002, "malformed handshake"},
		{"a handshake that is not JSON", "hello" + rs, malformed, 1002, "malformed handshake"},
		{"a handshake that is not an object", "[]" + rs, malformed, 1002, "malformed handshake"},
		{"an empty handshake", rs, malformed, 1002, "malformed handshake"},
		{"a handshake without version", `{"protocol":"json"}` + rs, malformed, 1002, "malformed handshake"},
		{"a handshake with another type", `{"protocol":["json"],"version":"1"}` + rs, malformed, 1002, "malformed handshake"},
		{"a hub message first", `{"type":6}` + rs, malformed, 1002, "malformed handshake"},
		{"MessagePack first", string(packAdd("1", 1, 2)) + rs, malformed, 1002, "malformed handshake"},
		{"a handshake of invalid UTF-8", "{\"protocol\":\"\xff\",\"version\":1}" + rs, malformed, 1002, "malformed handshake"},
	} {
		all = append(all, input{name: refused.name, odd: !strings.Contains(refused.send, `"protocol":"x"`), send: []string{refused.send}, see: `{"error":"` + refused.text + `"}` + rs, code: refused.code, why: refused.why})
	}
	for i := range all {
		all[i].raw = true
	}
	return all
}

// records are messages of the protocol, each in a message of the WebSocket of its own,
// or not.
func records() []input {
	broken := func(name, record, why string) input {
		return input{name: name, send: []string{record}, see: closed, begin: true, code: 1002, why: why}
	}
	large := func(name string, send ...string) input {
		return input{name: name, send: send, see: closed, begin: true, code: 1009, why: "too large"}
	}
	argument := func(text string) string { return call("", "Say", text) }
	all := []input{
		broken("not JSON", "GET / HTTP/1.1\r\n"+rs, "malformed"),
		broken("an empty record", rs, "malformed"),
		broken("an array", "[1]"+rs, "malformed"),
		broken("another handshake", handshake("json"), "malformed"),
		broken("a type that is text", `{"type":"1","target":"Add"}`+rs, "malformed"),
		broken("a type of 1e999", `{"type":1e999}`+rs, "malformed"),
		broken("an id that is a number", `{"type":1,"invocationId":1,"target":"Add","arguments":[1,2]}`+rs, "malformed"),
		broken("no target", call("1", "", ""), "malformed"),
		broken("100 arguments", argument(strings.Repeat("1,", 99)+"1"), "malformed"),
		broken("arguments that are none", `{"type":1,"target":"Add","arguments":{}}`+rs, "malformed"),
		broken("data behind a record", `{"type":6}{"type":6}`+rs, "malformed"),
		broken("0x1E inside a string", argument("\"a"+rs+"b\""), "malformed"),
		broken("a control character inside a string", argument("\"a\x01b\""), "malformed"),
		broken("invalid UTF-8", argument("\"\xff\""), "UTF-8"),
		broken("a lone surrogate", argument(`"\ud800"`), "UTF-8"),
		broken("10,000 deep", argument(strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)), "nested too deep"),
		broken("10,000 deep where nobody reads", `{"type":6,"x":`+strings.Repeat(`{"a":`, 5_000)+rs, "nested too deep"),
		broken("MessagePack where JSON is due", string(packAdd("1", 1, 2))+rs, "malformed"),
		large("a record too long", argument(`"`+strings.Repeat("x", 32<<10)+`"`)),
		large("a record too long without an end", strings.Repeat("x", 40<<10)),
		large("a record too long in pieces of a byte", strings.Split(strings.Repeat("x", 33<<10), "")...),
		large("a record too long behind a good one", call("", "Add", "1,2")+strings.Repeat(" ", 40<<10)),
		{name: "binary where text is due", odd: true, send: []string{call("1", "Add", "1,2")}, see: answer("1", `{"total":3}`)},
		{name: "invalid UTF-8 in binary", odd: true, send: []string{argument("\"\xff\"")}, see: closed, begin: true, code: 1002, why: "UTF-8"},
		{name: "half a record", send: []string{strings.TrimSuffix(argument(`"x"`), rs)}, half: true},
		{name: "half a record, half in binary", send: []string{call("1", "Add", "1,2")[:20]}, half: true},
		{name: "a record in pieces of a byte", send: strings.Split(call("1", "Add", "1,2"), ""), see: answer("1", `{"total":3}`)},
		{name: "5,000 records at once", send: []string{strings.Repeat(call("", "Say", `"x"`), 5000)}, see: strings.Repeat(heardMessage("x"), 5000)},
		{name: "nothing at all", send: []string{"", "", ""}},
		{name: "a kind that nobody knows", send: []string{`{"type":99,"x":[1,2]}` + rs}},
		{name: "names twice, and __proto__", send: []string{`{"type":6,"type":1,"invocationId":"1","target":"Say","target":"Add","__proto__":{"target":"Fail"},"arguments":[1,2]}` + rs},
			see: answer("1", `{"total":3}`)},
	}
	return all
}

// packed are messages in MessagePack.
func packed() []input {
	broken := func(name, send, why string) input {
		return input{name: "MessagePack: " + name, pack: true, send: []string{send}, begin: true, code: 1002, why: why}
	}
	return []input{
		broken("JSON where it is due", strings.Repeat(call("1", "Add", "1,2"), 3), "malformed"),
		broken("a list of 4 GiB", pack("\xdd\xff\xff\xff\xff"), "malformed"),
		broken("arguments of 4 GiB", pack("\x96\x01\x80\xc0\xa3Add\xdd\xff\xff\xff\xff\x90"), "malformed"),
		broken("no list", pack("\x01"), "malformed"),
		broken("an empty message", pack(""), "malformed"),
		broken("an extension", pack("\xc7\x01\x05\x00"), "malformed"),
		broken("a byte that means nothing", pack("\xc1"), "malformed"),
		broken("invalid UTF-8", pack("\x96\x01\x80\xc0\xa1\xff\x90\x90"), "UTF-8"),
		broken("10,000 deep", pack("\x96\x01\x80\xc0\xa3Say\x91"+strings.Repeat("\x91", 10_000)+"\x90\x90"), "nested too deep"),
		{name: "MessagePack: a length of 2 GiB", pack: true, send: []string{"\xff\xff\xff\xff\x07"}, begin: true, code: 1009, why: "too large"},
		{name: "MessagePack: a length without an end", pack: true, send: []string{"\xff\xff\xff\xff\xff\xff"}, begin: true, code: 1002},
		{name: "MessagePack: a message too long", pack: true, send: []string{pack("\xda" + strings.Repeat("\xff", 40<<10))}, begin: true, code: 1009, why: "too large"},
		{name: "MessagePack: half a length", pack: true, send: []string{"\x80"}, half: true},
		{name: "MessagePack: half a message", pack: true, send: []string{string(packAdd("1", 1, 2))[:5]}, half: true},
		{name: "MessagePack: a call in pieces of a byte", pack: true, send: strings.Split(string(packAdd("1", 1, 2)), ""), see: string(packSum("1", 3))},
		{name: "MessagePack: two calls at once", pack: true, send: []string{string(packAdd("1", 1, 2)) + string(packAdd("2", 3, 4))},
			see: string(packSum("1", 3)) + string(packSum("2", 7))},
	}
}
