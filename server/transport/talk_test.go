package transport_test

import (
	"slices"
	"strings"
	"testing"
)

func TestTalk_throughTwoSockets(t *testing.T) {
	s := serve(t, nil)
	a, b := connectRaw(t, s.addr, "/talk"), connectRaw(t, s.addr, "/talk")
	a.send(text, `{"type":1,"target":"Say","invocationId":"0","arguments":["hi"]}`+"\x1e")
	if got, want := a.nextMessages(), []string{heard("hi")}; !slices.Equal(got, want) {
		t.Fatalf("the speaker heard %q, want %q", got, want)
	}
	if got, want := a.nextMessages(), []string{`{"type":3,"invocationId":"0","result":null}`}; !slices.Equal(got, want) {
		t.Fatalf("the call was answered with %q, want %q", got, want)
	}
	if got, want := b.nextMessages(), []string{heard("hi")}; !slices.Equal(got, want) {
		t.Fatalf("the other heard %q, want %q", got, want)
	}
}

func TestTalk_asAByteStream(t *testing.T) {
	// One WebSocket message may hold the handshake and many hub messages, and
	// one hub message may be spread over several WebSocket messages.
	s := serve(t, nil)
	c := dialRaw(t, s.addr, "/talk")
	one := `{"type":1,"target":"Say","arguments":["1"]}` + "\x1e"
	two := `{"type":1,"target":"Say","arguments":["2"]}` + "\x1e"
	c.send(text, handshakeJSON+one+two[:10])
	c.send(frameBin, two[10:20])
	c.send(text, two[20:])
	if f := c.next(); string(f.payload) != "{}\x1e" {
		t.Fatalf("handshake reply %q", f.payload)
	}
	var got []string
	for len(got) < 2 {
		got = append(got, c.nextMessages()...)
	}
	if want := []string{heard("1"), heard("2")}; !slices.Equal(got, want) {
		t.Fatalf("heard %q, want %q", got, want)
	}
}

func TestTalk_longMessages(t *testing.T) {
	// Longer than any buffer on the way, and than one write.
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	for _, n := range []int{100, 125, 126, 4096, 8 << 10, 32<<10 + 1, 64 << 10, 200 << 10} {
		long := strings.Repeat("x", n)
		s.publish(long)
		if got := c.nextMessages(); len(got) != 1 || got[0] != heard(long) {
			t.Fatalf("%d bytes did not arrive as one message", n)
		}
	}
	in := strings.Repeat("y", 30<<10)
	c.send(text, `{"type":1,"target":"Say","arguments":["`+in+`"]}`+"\x1e")
	if got := c.nextMessages(); got[0] != heard(in) {
		t.Fatalf("30 KiB in did not come back")
	}
}
