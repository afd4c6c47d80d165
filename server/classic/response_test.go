package classic_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"partline.dev/server/classic"
	"partline.dev/shared/wire"
)

func TestEnvelope(t *testing.T) {
	for want, e := range map[string]classic.Envelope{
		`{"C":"d-1F,A","M":[]}`:               {Epoch: 31, Number: 10},
		`{"C":"d-1,0","S":1,"M":[]}`:          {Epoch: 1, First: true},
		`{"C":"d-1,2","M":[{"H":"h"},3,"x"]}`: {Epoch: 1, Number: 2, Items: []string{`{"H":"h"}`, `3`, `"x"`}},
		`{"C":"d-1,2","S":1,"T":1,"G":"a-b_\u003c","L":1500,"M":[null]}`: {
			Epoch: 1, Number: 2, First: true, GoAway: true, Groups: "a-b_<", Delayed: true, Delay: 1500 * time.Millisecond, Items: []string{`null`},
		},
		`{"C":"d-1,2","L":0,"M":[]}`: {Epoch: 1, Number: 2, Delayed: true},
	} {
		if got := string(e.Append(nil)); got != want || !json.Valid([]byte(got)) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	e := classic.Envelope{}
	if got := string(e.Append([]byte("data: "))); got != `data: {"C":"d-0,0","M":[]}` {
		t.Errorf("it was not appended: %s", got)
	}
}

func TestResult(t *testing.T) {
	for _, c := range []struct{ id, value, state, want string }{
		{"0", `"x"`, ``, `{"I":"0","R":"x"}`},
		{"0", ``, ``, `{"I":"0"}`},
		{"0", `null`, `null`, `{"I":"0"}`},
		{"7", `{"Name":null}`, `{"a":1}`, `{"I":"7","R":{"Name":null},"S":{"a":1}}`},
		{"\"<\n", `0`, `{}`, `{"I":"\"\u003c\n","R":0,"S":{}}`},
	} {
		if got := string(classic.AppendResult(nil, c.id, []byte(c.value), []byte(c.state))); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestFailure(t *testing.T) {
	for _, c := range []struct {
		text        string
		public      bool
		data, state string
		want        string
	}{
		{"It failed.", false, ``, ``, `{"I":"0","E":"It failed."}`},
		{"It failed.", false, `{"secret":1}`, ``, `{"I":"0","E":"It failed."}`},
		{"No.", true, ``, ``, `{"I":"0","E":"No.","H":true}`},
		{"No.", true, `null`, ``, `{"I":"0","E":"No.","H":true}`},
		{"No.", true, `{"X":1}`, `{"a":2}`, `{"I":"0","E":"No.","H":true,"D":{"X":1},"S":{"a":2}}`},
		{"</script>\u2028", true, ``, ``, `{"I":"0","E":"\u003c/script\u003e\u2028","H":true}`},
	} {
		if got := string(classic.AppendFailure(nil, "0", c.text, c.public, []byte(c.data), []byte(c.state))); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestProgress(t *testing.T) {
	for value, want := range map[string]string{
		`50`: `{"I":"P|3","P":{"I":"3","D":50}}`,
		``:   `{"I":"P|3","P":{"I":"3","D":null}}`,
	} {
		var progress []byte
		if value != "" {
			progress = []byte(value)
		}
		if got := string(classic.AppendProgress(nil, "3", progress)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// What a text says arrives, and nothing in it ends a script, an event or a page's
// markup.
func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"":                       `""`,
		"a\"b\\c":                `"a\"b\\c"`,
		"\x00\b\t\n\f\r\x1b\x7f": `"\u0000\u0008\t\n\u000c\r\u001b\u007f"`,
		"</script><!-- &":        `"\u003c/script\u003e\u003c!-- \u0026"`,
		"\u2028\u2029é😀":         `"\u2028\u2029é😀"`,
		"\xff":                   "\"\uFFFD\"",
	} {
		if got := string(classic.AppendText(nil, text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		b := classic.AppendText(nil, text)
		if bytes.ContainsAny(b, "<>&\n\r\u2028\u2029\x00") {
			t.Fatalf("%q stands as %s", text, b)
		}
		got, err := wire.JSONText(b)
		if err != nil || got != strings.ToValidUTF8(text, "\uFFFD") && utf8.ValidString(text) {
			t.Fatalf("%q came back as %q, %v", text, got, err)
		}
	})
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		20 * time.Second: "20.0", 0: "0.0", 1500 * time.Millisecond: "1.5", 110 * time.Second: "110.0",
		time.Millisecond: "0.001", 1000 * time.Hour: "3600000.0",
	} {
		if got := string(classic.AppendSeconds(nil, d)); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
