package transport_test

import (
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// bystander is somebody on the same server whom nothing may reach of what a
// hostile client does.
func bystander(s *server) (stillWell func(t *testing.T)) {
	c := connectRaw(s.t, s.addr, "/talk")
	return func(t *testing.T) {
		t.Helper()
		s.publish("well?")
		if got := c.nextMessages(); !slices.Equal(got, []string{heard("well?")}) {
			t.Errorf("somebody else heard %q", got)
		}
	}
}

func TestHostile_frames(t *testing.T) {
	s := serve(t, nil)
	stillWell := bystander(s)
	masked := func(first byte, payload string) []byte {
		return appendFrame(nil, rawFrame{first: first, masked: true, payload: []byte(payload)})
	}
	ping6 := `{"type":6}` + "\x1e"
	for _, row := range []struct {
		name   string
		sent   []byte
		code   int
		reason string
	}{
		{"unmasked text", appendFrame(nil, rawFrame{first: text, payload: []byte(ping6)}), 1002, "malformed frame"},
		{"unmasked ping", appendFrame(nil, rawFrame{first: ping, payload: []byte("x")}), 1002, "malformed frame"},
		{"unmasked, and then garbage", append(appendFrame(nil, rawFrame{first: text, payload: []byte(ping6)}), strings.Repeat("\xff", 10_000)...), 1002, "malformed frame"},
		{"RSV1 without compression", masked(text|0x40, ping6), 1002, "rsv"},
		{"RSV2", masked(text|0x20, ping6), 1002, "rsv"},
		{"RSV3", masked(text|0x10, ping6), 1002, "rsv"},
		{"RSV1 on a ping", masked(ping|0x40, ""), 1002, "rsv"},
		{"reserved data opcode", masked(0x83, ""), 1002, "opcode"},
		{"reserved control opcode", masked(0x8B, ""), 1002, "opcode"},
		{"fragmented ping", masked(ping&^0x80, "x"), 1002, "fragmented control"},
		{"fragmented close", masked(closeF&^0x80, closePayload(1000, "")), 1002, "fragmented control"},
		{"ping of 126 bytes", masked(ping, strings.Repeat("x", 126)), 1002, "invalid length"},
		{"continuation of nothing", masked(0x80, ping6), 1002, "continuation"},
		{"a message inside a message", append(masked(text&^0x80, "{"), masked(text, "}")...), 1002, "new data message"},
		{"negative length", append([]byte{text, 0xFF}, strings.Repeat("\xff", 12)...), 1002, "malformed frame"},
		{"close of one byte", masked(closeF, "x"), 1002, "close payload"},
		{"close with a code nobody may send", masked(closeF, closePayload(1006, "")), 1002, "close payload"},
		{"invalid UTF-8", masked(text, `{"type":1,"target":"`+"\xff"+`","arguments":[]}`+"\x1e"), 1002, "UTF-8"},
		{"invalid UTF-8, split", append(masked(text&^0x80, `{"type":1,"target":"`+"\xc3"), masked(0x80, `(","arguments":[]}`+"\x1e")...), 1002, "UTF-8"},
		{"a record without end, in one-byte fragments", oneByteFragments(strings.Repeat("x", 33<<10)), 1009, "too large"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := connectRaw(t, s.addr, "/talk")
			go func() { _, _ = c.conn.Write(row.sent) }() // the server may stop reading
			for _, f := range c.expectClose(row.code, row.reason) {
				if f.first != text || !strings.Contains(string(f.payload), `"type":7`) {
					t.Errorf("before the close frame came %v", f)
				}
			}
			_ = c.conn.Close()
			if err := s.awaitGone(); err == nil {
				t.Error("OnDisconnect heard of no error")
			}
			stillWell(t)
		})
	}
}

func oneByteFragments(payload string) []byte {
	var sent []byte
	for i := range payload {
		first := byte(0)
		if i == 0 {
			first = text &^ 0x80
		}
		sent = appendFrame(sent, rawFrame{first: first, masked: true, payload: []byte{payload[i]}})
	}
	return sent
}

func TestHostile_oneByteFragmentsOfAGoodMessage(t *testing.T) {
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	sent := oneByteFragments(`{"type":1,"target":"Say","arguments":["piece by piece"]}` + "\x1e")
	sent = append(sent, appendFrame(nil, rawFrame{first: ping, masked: true, payload: []byte("between")})...) // control frames may stand between fragments
	sent = appendFrame(sent, rawFrame{first: 0x80, masked: true})
	c.write(sent)
	var said, answered bool
	for !said || !answered {
		switch f := c.next(); {
		case f.first == pong && string(f.payload) == "between":
			answered = true
		case f.first == text && string(f.payload) == heard("piece by piece")+"\x1e":
			said = true
		default:
			t.Fatalf("came %v", f)
		}
	}
}

func TestHostile_declaredLengthOf2To63Less1(t *testing.T) {
	s := serve(t, nil)
	stillWell := bystander(s)
	c := connectRaw(t, s.addr, "/talk")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sent := append([]byte{text, 0xFF}, binary.BigEndian.AppendUint64(nil, 1<<63-1)...)
	sent = append(sent, 0, 0, 0, 0)
	sent = append(sent, strings.Repeat("x", 40<<10)...)
	c.write(sent)
	c.expectClose(1009, "too large")
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d bytes were allocated for 40 KiB", grown)
	}
	stillWell(t)
}

func TestHostile_pingFlood(t *testing.T) {
	// The client sends pings and reads no pong. One pong at most may wait, and
	// pings without any data end the link.
	s := serve(t, nil)
	stillWell := bystander(s)
	c := connectRaw(t, s.addr, "/talk")
	var flood []byte
	for range 1000 {
		flood = appendFrame(flood, rawFrame{first: ping, masked: true, payload: []byte(strings.Repeat("p", 125))})
	}
	go func() { _, _ = c.conn.Write(flood) }()
	for _, f := range c.expectClose(1008, "too many frames without data") {
		if f.first != pong || len(f.payload) != 125 {
			t.Fatalf("came %v", f)
		}
	}
	_ = c.conn.Close()
	if err := s.awaitGone(); err == nil {
		t.Error("OnDisconnect heard of no error")
	}
	stillWell(t)
}

func TestHostile_emptyFragmentsForEver(t *testing.T) {
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	flood := appendFrame(nil, rawFrame{first: text &^ 0x80, masked: true, payload: []byte("x")})
	for range 20_000 {
		flood = appendFrame(flood, rawFrame{first: 0, masked: true})
	}
	go func() { _, _ = c.conn.Write(flood) }()
	c.expectClose(1008, "too many frames without data")
}

func TestHostile_pingFloodAmongData(t *testing.T) {
	// A little data now and then does not make up for the pings around it.
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	var flood []byte
	for range 20 {
		for range 100 {
			flood = appendFrame(flood, rawFrame{first: ping, masked: true, payload: []byte(strings.Repeat("p", 100))})
		}
		flood = appendFrame(flood, rawFrame{first: text, masked: true, payload: []byte("{\"type\":6}\x1e")})
	}
	go func() { _, _ = c.conn.Write(flood) }()
	c.expectClose(1008, "too many frames without data")
}

func TestHostile_closeReasonThatIsNotUTF8(t *testing.T) {
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	c.send(0x88, "\x03\xe8\xff\xfe")
	c.expectClose(1000, "")
}

func TestPing_isAnswered(t *testing.T) {
	s := serve(t, nil)
	c := connectRaw(t, s.addr, "/talk")
	for _, payload := range []string{"", "a", strings.Repeat("z", 125)} {
		c.send(ping, payload)
		if f := c.next(); f.first != pong || string(f.payload) != payload {
			t.Errorf("a ping with %q was answered with %v", payload, f)
		}
	}
	c.send(pong, "nobody asked") // allowed, and ignored
	c.send(ping, "last")
	if f := c.next(); f.first != pong || string(f.payload) != "last" {
		t.Errorf("came %v", f)
	}
}

func TestHostile_closeThenData(t *testing.T) {
	// What follows a close frame has no effect, and does not keep the peer from
	// reading the answer: a socket closed with unread bytes would be reset.
	s := serve(t, nil)
	stillWell := bystander(s)
	c := connectRaw(t, s.addr, "/talk")
	sent := appendFrame(nil, rawFrame{first: closeF, masked: true, payload: []byte(closePayload(1000, "bye"))})
	shout := appendFrame(nil, rawFrame{first: text, masked: true, payload: []byte(`{"type":1,"target":"Say","arguments":["too late"]}` + "\x1e")})
	for range 1000 {
		sent = append(sent, shout...)
	}
	c.write(sent)
	if frames := c.expectClose(1000, "bye"); len(frames) > 0 {
		t.Errorf("before the answer came %v", frames)
	}
	_ = c.conn.Close()
	if err := s.awaitGone(); err != nil {
		t.Errorf("OnDisconnect heard %v", err)
	}
	stillWell(t)
}

func TestHostile_manyHubMessagesInOneWebSocketMessage(t *testing.T) {
	// It has no limit of its own: the limit is each hub message's.
	s := serve(t, nil, func(o *hub.Options) { o.MessageLimit = 100 })
	c := connectRaw(t, s.addr, "/talk")
	one := `{"type":1,"target":"Say","arguments":["x"]}` + "\x1e"
	const n = 5000
	go func() {
		_, _ = c.conn.Write(appendFrame(nil, rawFrame{first: text, masked: true, payload: []byte(strings.Repeat(one, n))}))
	}()
	for got := 0; got < n; {
		for _, m := range c.nextMessages() {
			if m != heard("x") {
				t.Fatalf("heard %q", m)
			}
			got++
		}
	}
	c.send(text, `{"type":1,"target":"Say","arguments":["`+strings.Repeat("x", 100)+`"]}`+"\x1e")
	c.expectClose(1009, "too large")
}

func TestHostile_clientVanishes(t *testing.T) {
	s := serve(t, nil)
	for name, leave := range map[string]func(c *rawClient){
		"without a close frame": func(*rawClient) {},
		"inside a header":       func(c *rawClient) { c.write([]byte{text}) },
		"inside a frame":        func(c *rawClient) { c.write([]byte{text, 0x85, 1, 2, 3, 4, 'x'}) },
	} {
		t.Run(name, func(t *testing.T) {
			c := connectRaw(t, s.addr, "/talk")
			leave(c)
			_ = c.conn.Close()
			if err := s.awaitGone(); !errors.Is(err, transport.ErrLost) {
				t.Errorf("OnDisconnect heard %v", err)
			}
		})
	}
}
