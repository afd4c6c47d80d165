package linktest

import (
	"fmt"
	"strings"
)

// storms are much of what may be done.
func storms() []input {
	many := func(n int, one func(i int) string) string {
		var all strings.Builder
		for i := range n {
			all.WriteString(one(i))
		}
		return all.String()
	}
	enter := func(id string, i int) string {
		return call(id, "$enter", `{"scope":"page","page":"`+[]string{pageOne, pageTwo}[i%2]+`"}`)
	}
	twice := failed("2", "An unexpected error occurred invoking 'Sum' on the server. HubException: Stream ID 's' is already in use.")
	all := []input{
		{name: "1,000 pings", send: []string{strings.Repeat(`{"type":6}`+rs, 1000)}},
		{name: "1,000 calls with one id", send: []string{strings.Repeat(call("1", "Add", "1,2"), 1000)}, see: strings.Repeat(answer("1", `{"total":3}`), 1000)},
		{name: "1,000 calls of $enter that nobody waits for", send: []string{many(1000, func(i int) string { return enter("", i) })}},
		{name: "1,000 calls of $enter", send: []string{many(1000, func(i int) string { return enter(fmt.Sprint(i), i) })}, see: `{"type":3,"invocationId":"0","result":{"sessionToken":""`, begin: true},
		{name: "1,000 calls of $enter with one id", send: []string{many(1000, func(i int) string { return enter("1", i) })}, see: `{"type":3,"invocationId":"1","result":{"sessionToken":""`, begin: true},
		{name: "1,001 groups", send: []string{many(1000, func(i int) string { return call("", "Join", fmt.Sprintf(`"%0255d"`, i)) }), call("1", "Join", `"one more"`)},
			see: `{"type":3,"invocationId":"1","error":"`, begin: true},
		{name: "uploads that never end", send: []string{many(50, func(i int) string {
			return fmt.Sprintf(`{"type":1,"invocationId":"%d","target":"Sum","arguments":[],"streamIds":["s%d"]}`+rs+`{"type":2,"invocationId":"s%d","item":1}`+rs, i, i, i)
		})}},
		{name: "an upload whose id is used twice", send: []string{
			`{"type":1,"invocationId":"1","target":"Sum","arguments":[],"streamIds":["s"]}` + rs + `{"type":1,"invocationId":"2","target":"Sum","arguments":[],"streamIds":["s"]}` + rs +
				`{"type":2,"invocationId":"s","item":3}` + rs + `{"type":3,"invocationId":"s"}` + rs},
			see: twice + answer("1", `{"total":3}`), or: answer("1", `{"total":3}`) + twice},
		{name: "what follows a Close", send: []string{`{"type":7}` + rs + call("1", "Say", `"late"`), call("2", "Say", `"later"`)}, code: 1000},
	}
	return all
}
