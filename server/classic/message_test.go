package classic_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/shared/wire"
)

func TestInvocation(t *testing.T) {
	for text, want := range map[string]classic.Invocation{
		`{"H":"chathub","M":"Send","A":["a",{"b":1}],"I":0,"S":{"c":2}}`: {
			Hub: "chathub", Method: "Send", ID: "0", Arguments: []byte(`["a",{"b":1}]`), Count: 2, State: []byte(`{"c":2}`),
		},
		`{"I":"17","A":[],"M":"send","H":"ChatHub"}`:       {Hub: "ChatHub", Method: "send", ID: "17", Arguments: []byte(`[]`)},
		`{"H":"h","M":"m"}`:                                {Hub: "h", Method: "m", Arguments: []byte(`[]`)},
		`{"H":"h","M":"m","A":null,"I":null,"S":null}`:     {Hub: "h", Method: "m", Arguments: []byte(`[]`)},
		` {"x":{"H":1},"H":"h","M":"m","X":[1],"h":"no"} `: {Hub: "h", Method: "m", Arguments: []byte(`[]`)},
		`{"H":"a","H":"b","M":"m","A":[1],"A":[]}`:         {Hub: "b", Method: "m", Arguments: []byte(`[]`)},
		`{"H":"h","M":"m","I":"P|0 \"x\""}`:                {Hub: "h", Method: "m", ID: `P|0 "x"`, Arguments: []byte(`[]`)},
		`{"H":"h","M":"m","__proto__":{"A":[1]},"I":""}`:   {Hub: "h", Method: "m", Arguments: []byte(`[]`)},
	} {
		got, err := classic.ReadInvocation([]byte(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestInvocation_malformed(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for text, id := range map[string]string{
		// What cannot be read at all has no id that an answer could go to.
		``: "", `null`: "", `[]`: "", `"text"`: "", `{`: "", `{"I":7`: "", `{"I":7} x`: "",
		`{"I":7,"H":"h","M":"m","A":[01]}`:    "",
		"{\"I\":7,\"H\":\"\xff\",\"M\":\"\"}": "",
		`{"I":7,"H":"\ud800","M":"m"}`:        "",
		`{"I":7,"H":"h","M":"m","A":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`: "",

		`{"I":1.5,"H":"h","M":"m"}`: "", `{"I":-1,"H":"h","M":"m"}`: "", `{"I":1e999,"H":"h","M":"m"}`: "",
		`{"I":[0],"H":"h","M":"m"}`: "", `{"I":{},"H":"h","M":"m"}`: "", `{"I":true,"H":"h","M":"m"}`: "",
		`{"I":"` + long(256) + `","H":"h","M":"m"}`:       "",
		`{"I":1` + strings.Repeat("0", 255) + `,"H":"h"}`: "",

		// Of what can, the caller hears.
		`{"I":7}`: "7", `{"I":7,"H":"h"}`: "7", `{"I":7,"M":"m"}`: "7", `{"I":"a","H":null,"M":"m"}`: "a",
		`{"I":7,"H":1,"M":"m"}`: "7", `{"I":7,"H":"h","M":["m"]}`: "7", `{"I":7,"H":"","M":"m"}`: "7",
		`{"I":7,"H":"h","M":"` + long(256) + `"}`:                                        "7",
		`{"I":7,"H":"h\n","M":"m"}`:                                                      "7",
		`{"I":7,"H":"h","M":"m","A":{}}`:                                                 "7",
		`{"I":7,"H":"h","M":"m","A":"[]"}`:                                               "7",
		`{"I":7,"H":"h","M":"m","A":3}`:                                                  "7",
		`{"I":7,"H":"h","M":"m","S":[]}`:                                                 "7",
		`{"I":7,"H":"h","M":"m","S":"{}"}`:                                               "7",
		`{"I":7,"H":"h","M":"m","A":[` + strings.Repeat("0,", wire.MaxArguments) + `0]}`: "7",
		`{"I":7,"H":"h","M":"m","S":{"s":"` + long(4090) + `"}}`:                         "7",
	} {
		got, err := classic.ReadInvocation([]byte(text))
		if !errors.Is(err, classic.ErrInvocation) || !reflect.DeepEqual(got, classic.Invocation{ID: id}) {
			t.Errorf("%.60q: %+v, %v", text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "xxx") {
			t.Errorf("%.60q: the error tells of the client's text: %.80v", text, err)
		}
	}
}

// The state is measured as .NET does, in UTF-16 units.
func TestInvocation_longestState(t *testing.T) {
	for _, c := range []struct {
		letter string
		count  int
		ok     bool
	}{
		{"x", 4096 - 8, true}, {"x", 4096 - 7, false},
		{"é", 4096 - 8, true}, {"é", 4096 - 7, false},
		{"😀", (4096 - 8) / 2, true}, {"😀", (4096-8)/2 + 1, false},
	} {
		state := `{"s":"` + strings.Repeat(c.letter, c.count) + `"}`
		got, err := classic.ReadInvocation([]byte(`{"H":"h","M":"m","S":` + state + `}`))
		if (err == nil) != c.ok || c.ok && string(got.State) != state {
			t.Errorf("%d of %s: %v", c.count, c.letter, err)
		}
	}
}

func FuzzInvocation(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := classic.ReadInvocation(text)
		if err != nil {
			if !errors.Is(err, classic.ErrInvocation) {
				t.Fatalf("%q: %v", text, err)
			}
			if got.ID = ""; !reflect.DeepEqual(got, classic.Invocation{}) {
				t.Fatalf("%q left %+v", text, got)
			}
			return
		}
		var arguments []json.RawMessage
		if err := json.Unmarshal(got.Arguments, &arguments); err != nil || len(arguments) != got.Count || got.Count > wire.MaxArguments {
			t.Fatalf("%q: arguments %q are %d: %v", text, got.Arguments, got.Count, err)
		}
		var state map[string]json.RawMessage
		if got.State != nil && json.Unmarshal(got.State, &state) != nil {
			t.Fatalf("%q: state %q", text, got.State)
		}
		var all map[string]json.RawMessage
		var hub, method string
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if json.Unmarshal(all["H"], &hub) != nil || json.Unmarshal(all["M"], &method) != nil || hub != got.Hub || method != got.Method {
			t.Fatalf("%q: %q.%q", text, got.Hub, got.Method)
		}
		if len(hub) > wire.MaxName || len(method) > wire.MaxName || len(got.ID) > wire.MaxName {
			t.Fatalf("%q is over a limit", text)
		}
	})
}
