package wire_test

import (
	"errors"
	"strings"
	"testing"

	"partline.dev/shared/wire"
)

func TestHandshake_roundTrip(t *testing.T) {
	for want, h := range map[string]wire.Handshake{
		`{"protocol":"json","version":1}`:        {Protocol: "json", Version: 1},
		`{"protocol":"messagepack","version":2}`: {Protocol: "messagepack", Version: 2},
		`{"protocol":"x\u001ey","version":-1}`:   {Protocol: "x\x1ey", Version: -1},
	} {
		b := wire.AppendHandshake([]byte{}, h)
		if string(b) != want+"\x1e" {
			t.Errorf("%+v is written %q", h, b)
		}
		got, rest, ok, err := wire.ReadHandshake(append(b, "next"...))
		if got != h || string(rest) != "next" || !ok || err != nil {
			t.Errorf("%q is %+v, %q, %v, %v", b, got, rest, ok, err)
		}
	}
}

func TestHandshake_waitsForItsEnd(t *testing.T) {
	const whole = `{"protocol":"json","version":1}`
	for n := range len(whole) + 1 {
		h, rest, ok, err := wire.ReadHandshake([]byte(whole[:n]))
		if h != (wire.Handshake{}) || string(rest) != whole[:n] || ok || err != nil {
			t.Errorf("%q: %+v, %q, %v, %v", whole[:n], h, rest, ok, err)
		}
	}
}

func TestHandshake_takesWhatClientsSend(t *testing.T) {
	for _, record := range []string{
		"{\"version\":1,\"protocol\":\"json\"}\x1e",
		" {\n\"protocol\" : \"js\\u006fn\", \"new\":[{}], \"version\" : 1 } \x1e",
		"{\"protocol\":\"x\",\"version\":9,\"protocol\":\"json\",\"version\":1}\x1e",
	} {
		if h, rest, ok, err := wire.ReadHandshake([]byte(record)); h != (wire.Handshake{Protocol: "json", Version: 1}) || len(rest) != 0 || !ok || err != nil {
			t.Errorf("%q: %+v, %q, %v, %v", record, h, rest, ok, err)
		}
	}
}

func TestHandshake_refuses(t *testing.T) {
	for record, want := range map[string]error{
		``:                                  wire.ErrMalformed,
		`{}`:                                wire.ErrMalformed,
		`[]`:                                wire.ErrMalformed,
		`{"type":6}`:                        wire.ErrMalformed,
		`{"protocol":"json"}`:               wire.ErrMalformed,
		`{"version":1}`:                     wire.ErrMalformed,
		`{"protocol":"","version":1}`:       wire.ErrMalformed,
		`{"protocol":null,"version":1}`:     wire.ErrMalformed,
		`{"protocol":1,"version":1}`:        wire.ErrMalformed,
		`{"protocol":"json","version":""}`:  wire.ErrMalformed,
		`{"protocol":"json","version":1.5}`: wire.ErrMalformed,
		`{"protocol":"json","version":9999999999}`:                                 wire.ErrMalformed,
		`{"Protocol":"json","Version":1}`:                                          wire.ErrMalformed,
		`{"protocol":"json","version":1} x`:                                        wire.ErrMalformed,
		`{"protocol":"` + strings.Repeat("p", wire.MaxName+1) + `","version":1}`:   wire.ErrMalformed,
		`{"protocol":"` + "\xff" + `","version":1}`:                                wire.ErrUTF8,
		`{"protocol":"json","version":1,"x":"` + strings.Repeat("x", 4096) + `"}`:  wire.ErrTooLarge,
		`{"protocol":"json","version":1}` + strings.Repeat(" ", wire.MaxHandshake): wire.ErrTooLarge,
	} {
		h, rest, ok, err := wire.ReadHandshake([]byte(record + "\x1enext"))
		if h != (wire.Handshake{}) || ok || !errors.Is(err, want) || string(rest) != record+"\x1enext" {
			t.Errorf("%q: %+v, %v, %v, want %v", record, h, ok, err, want)
		}
	}
}

// A client that never ends its handshake must not be listened to for ever.
func TestHandshake_withoutEndIsTooLarge(t *testing.T) {
	endless := make([]byte, wire.MaxHandshake+1)
	if _, _, ok, err := wire.ReadHandshake(endless[:wire.MaxHandshake]); ok || err != nil {
		t.Errorf("at the limit: %v, %v", ok, err)
	}
	if _, _, ok, err := wire.ReadHandshake(endless); ok || !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("a byte more: %v, %v", ok, err)
	}
	if _, _, ok, err := wire.ReadHandshakeReply(endless); ok || !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("a reply: %v, %v", ok, err)
	}
}

func TestHandshakeReply(t *testing.T) {
	for want, text := range map[string]string{
		"{}\x1e": "",
		"{\"error\":\"The protocol 'x' is not supported.\"}\x1e": "The protocol 'x' is not supported.",
		"{\"error\":\"a\\u001eb\"}\x1e":                          "a\x1eb",
	} {
		b := wire.AppendHandshakeReply([]byte{}, text)
		if string(b) != want {
			t.Errorf("%q is written %q", text, b)
		}
		got, rest, ok, err := wire.ReadHandshakeReply(append(b, "next"...))
		if got != text || string(rest) != "next" || !ok || err != nil {
			t.Errorf("%q is %q, %q, %v, %v", b, got, rest, ok, err)
		}
	}
	for _, record := range []string{`{"error":null}`, `{"error":""}`, `{"minorVersion":1}`} {
		if text, _, ok, err := wire.ReadHandshakeReply([]byte(record + "\x1e")); text != "" || !ok || err != nil {
			t.Errorf("%s: %q, %v, %v", record, text, ok, err)
		}
	}
	for _, record := range []string{``, `[]`, `{"error":1}`, `{"type":6}`, `{"type":7,"error":"x"}`, `{"error":"x"`} {
		if text, _, ok, err := wire.ReadHandshakeReply([]byte(record + "\x1e")); text != "" || ok || !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s: %q, %v, %v", record, text, ok, err)
		}
	}
	if text, rest, ok, err := wire.ReadHandshakeReply([]byte(`{}`)); text != "" || string(rest) != `{}` || ok || err != nil {
		t.Errorf("half a reply: %q, %q, %v, %v", text, rest, ok, err)
	}
}
