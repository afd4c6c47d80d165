package client_test

import (
	"bytes"
	"strings"
	"testing"

	client "partline.dev/wasmclient"
)

func TestEventParser(t *testing.T) {
	for _, c := range []struct{ name, stream, data string }{
		{"what SignalR sends", ":\r\ndata: one\r\n\r\ndata: two\r\n\r\n", "onetwo"},
		{"line feeds", "data: one\n\ndata: two\n\n", "onetwo"},
		{"carriage returns", "data: one\r\rdata: two\r\r", "onetwo"},
		{"lines of one event", "data: {\r\ndata: }\r\n\r\n", "{\n}"},
		{"no space", "data:one\n\n", "one"},
		{"two spaces", "data:  one\n\n", " one"},
		{"a colon in the data", "data: a: b\n\n", "a: b"},
		{"empty lines of data", "data: a\ndata" + "\ndata:" + "\ndata: b\n\n", "a\n\n\nb"},
		{"a name alone", "data\n\n", ""},
		{"comments", ": data: no\ndata: yes\n:\n:data: no\n\n", "yes"},
		{"other fields", "event: x\nid: data: no\nretry: 5\ndat: no\ndatas: no\nData: no\n data: no\ndata: yes\n\n", "yes"},
		{"an end in the middle", "data: on", "on"},
		{"a long comment", ":" + strings.Repeat("x", 100_000) + "\ndata: yes\n\n", "yes"},
	} {
		for _, piece := range []int{1, 2, 3, 7, len(c.stream)} {
			if got := client.EventData([]byte(c.stream), piece); string(got) != c.data {
				t.Errorf("%s, in pieces of %d: %q", c.name, piece, got)
			}
		}
	}
}

// FuzzEvents takes the data out of any stream. However it is cut, it is what a
// parser gives that has all lines before it.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(":\r\ndata: {\"type\":6}\x1e\r\n\r\ndata: a\ndata: b\n\n"), 3)
	f.Fuzz(func(t *testing.T, stream []byte, piece int) {
		got := client.EventData(stream, max(1, piece))
		if want := eventData(string(stream)); string(got) != want {
			t.Errorf("%q in pieces of %d: %q, not %q", stream, piece, got, want)
		}
		if whole := client.EventData(stream, max(1, len(stream))); !bytes.Equal(got, whole) {
			t.Errorf("%q in pieces of %d: %q, else %q", stream, piece, got, whole)
		}
	})
}

// eventData takes the data out of a stream line by line, as the specification of
// HTML has it, but for names of events.
func eventData(stream string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n", "\n"), "\r", "\n"), "\n")
	var out strings.Builder
	first := true
	for i, line := range lines {
		name, value, colon := strings.Cut(line, ":")
		switch {
		case line == "" && i < len(lines)-1:
			first = true
		case name != "data" || !colon && i == len(lines)-1: // the last may not be whole
		default:
			if !first {
				out.WriteByte('\n')
			}
			first = false
			out.WriteString(strings.TrimPrefix(value, " "))
		}
	}
	return out.String()
}
