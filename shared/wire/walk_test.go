package wire_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"partline.dev/shared/wire"
)

// members are the members of an object as name=value.
func members(text string) (list []string, err error) {
	err = wire.Members([]byte(text), func(name, value []byte) error {
		list = append(list, string(name)+"="+string(value))
		return nil
	})
	return list, err
}

// elements are the values of an array.
func elements(text string) (list []string, err error) {
	err = wire.Elements([]byte(text), func(value []byte) error {
		list = append(list, string(value))
		return nil
	})
	return list, err
}

func TestMembers(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{`{}`, nil},
		{" {\t} \n", nil},
		{`{"H":"chat","A":[1, {"x":2}],"I":0}`, []string{`H="chat"`, `A=[1, {"x":2}]`, `I=0`}},
		{`{"a":1,"a":2}`, []string{`a=1`, `a=2`}},
		{`{"\u0041\n":null,"":""}`, []string{"A\n=null", `=""`}},
		{`{"__proto__":{"x":true}}`, []string{`__proto__={"x":true}`}},
	} {
		got, err := members(c.text)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

func TestElements(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{`[]`, nil},
		{` [ ] `, nil},
		{`[1, "a" ,[2,[3]], null]`, []string{`1`, `"a"`, `[2,[3]]`, `null`}},
	} {
		got, err := elements(c.text)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

// All of the text is checked before anything of it is handed on.
func TestWalk_nothingOfWhatIsMalformed(t *testing.T) {
	nested := func(n int, open, shut string) string { return strings.Repeat(open, n) + strings.Repeat(shut, n) }
	for _, c := range []struct {
		text string
		want error
	}{
		{``, wire.ErrMalformed},
		{`null`, wire.ErrMalformed},
		{`"text"`, wire.ErrMalformed},
		{`{"a":1}{}`, wire.ErrMalformed},
		{`{"a":1,}`, wire.ErrMalformed},
		{`{"a":1,b:2}`, wire.ErrMalformed},
		{`{"a":1,"b":`, wire.ErrMalformed},
		{`{"a":01}`, wire.ErrMalformed},
		{`[1]x`, wire.ErrMalformed},
		{`[1,]`, wire.ErrMalformed},
		{`[1`, wire.ErrMalformed},
		{"[1,\"\n\"]", wire.ErrMalformed},
		{"[1,\"\xff\"]", wire.ErrUTF8},
		{"{\"a\":1,\"\xff\":2}", wire.ErrUTF8},
		{`[1,"\ud800"]`, wire.ErrUTF8},
		{nested(wire.MaxDepth+1, "[", "]"), wire.ErrDepth},
		{nested(10_000, "[", "]"), wire.ErrDepth},
		{`{"a":1,"b":` + nested(wire.MaxDepth, `[`, `]`) + `}`, wire.ErrDepth},
	} {
		for name, walk := range map[string]func(string) ([]string, error){"Members": members, "Elements": elements} {
			got, err := walk(c.text)
			if strings.HasPrefix(c.text, "[") != (name == "Elements") {
				if !errors.Is(err, wire.ErrMalformed) || got != nil {
					t.Errorf("%s of %.40q: %q, %v", name, c.text, got, err)
				}
				continue
			}
			if !errors.Is(err, c.want) || got != nil {
				t.Errorf("%s of %.40q: %q, %v; want %v and nothing", name, c.text, got, err, c.want)
			}
		}
	}
	if got, err := elements(nested(wire.MaxDepth, "[", "]")); err != nil || len(got) != 1 {
		t.Errorf("the deepest array: %q, %v", got, err)
	}
}

func TestWalk_endsAtTheErrorOfItsFunction(t *testing.T) {
	enough := errors.New("enough")
	calls := 0
	err := wire.Members([]byte(`{"a":1,"b":2}`), func(_, _ []byte) error { calls++; return enough })
	if err != enough || calls != 1 {
		t.Errorf("Members: %v after %d calls", err, calls)
	}
	calls = 0
	err = wire.Elements([]byte(`[1,2]`), func([]byte) error { calls++; return enough })
	if err != enough || calls != 1 {
		t.Errorf("Elements: %v after %d calls", err, calls)
	}
}

func TestJSONText(t *testing.T) {
	for text, want := range map[string]string{
		`""`:                "",
		` "chat" `:          "chat",
		`"a\"\\\/\n\u00e9"`: "a\"\\/\né",
		`"\ud83d\ude00"`:    "😀",
	} {
		if got, err := wire.JSONText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		``: wire.ErrMalformed, `1`: wire.ErrMalformed, `"a`: wire.ErrMalformed, `"a"b`: wire.ErrMalformed,
		`"\x"`: wire.ErrMalformed, "\"\xff\"": wire.ErrUTF8, `"\udc00"`: wire.ErrUTF8,
	} {
		if got, err := wire.JSONText([]byte(text)); !errors.Is(err, want) || got != "" {
			t.Errorf("%q: %q, %v; want %v", text, got, err, want)
		}
	}
}

// What is walked is what encoding/json reads of the same text.
func FuzzWalk(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		var list []string
		count := 0
		err := wire.Elements(text, func(value []byte) error {
			list = append(list, string(value))
			return nil
		})
		if err == nil {
			var want []json.RawMessage
			if json.Unmarshal(text, &want) != nil || len(want) != len(list) {
				t.Fatalf("%q was walked as %q", text, list)
			}
			for i := range want {
				if string(want[i]) != list[i] {
					t.Fatalf("%q: value %d is %q", text, i, list[i])
				}
			}
			sameVerdict(t, text, nil)
		} else if list != nil {
			t.Fatalf("%q was handed on as %q before %v", text, list, err)
		}

		values := map[string]string{}
		err = wire.Members(text, func(name, value []byte) error {
			count++
			values[string(name)] = string(value)
			return nil
		})
		if err == nil {
			var want map[string]json.RawMessage
			if json.Unmarshal(text, &want) != nil || len(want) != len(values) {
				t.Fatalf("%q was walked as %q", text, values)
			}
			for name, value := range want {
				if values[name] != string(value) {
					t.Fatalf("%q: member %q is %q", text, name, values[name])
				}
			}
			sameVerdict(t, text, nil)
		} else if count > 0 {
			t.Fatalf("%q was handed on before %v", text, err)
		}

		if got, err := wire.JSONText(text); err == nil {
			var want string
			if json.Unmarshal(text, &want) != nil || got != want {
				t.Fatalf("%q was read as %q", text, got)
			}
		}
	})
}
