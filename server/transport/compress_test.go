package transport_test

import (
	"bytes"
	"compress/flate"
	"io"
	"runtime"
	"strings"
	"testing"

	"partline.dev/server/transport"
)

const deflateOffer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"

// deflateEnd completes a message that a sender ended as RFC 7692 says.
const deflateEnd = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// inflate is the message in f, which may be compressed.
func inflate(t testing.TB, f rawFrame) string {
	t.Helper()
	if f.first == text {
		return string(f.payload)
	}
	if f.first != text|0x40 {
		t.Fatalf("came %v", f)
	}
	b, err := io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(f.payload), strings.NewReader(deflateEnd))))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// deflate compresses a message as RFC 7692 says.
func deflate(t testing.TB, message string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(message)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func TestCompress_onlyLongMessagesForWhoAsked(t *testing.T) {
	s := serve(t, &transport.Options{Compress: true})
	asked, asked2, plain := dialRaw(t, s.addr, "/talk", deflateOffer), dialRaw(t, s.addr, "/talk", deflateOffer), dialRaw(t, s.addr, "/talk")
	for _, c := range []*rawClient{asked, asked2, plain} {
		c.handshake()
	}
	for _, row := range []struct {
		said       string
		compressed bool
	}{
		{"short", false},
		{strings.Repeat("x", 900), false},
		{strings.Repeat("long ", 1000), true},
		{"short again", false},
		{strings.Repeat("long ", 20_000), true}, // no frame refers to an earlier one
	} {
		s.publish(row.said)
		want := heard(row.said) + "\x1e"
		if f := plain.next(); f.first != text || string(f.payload) != want {
			t.Errorf("who did not ask heard %v", f)
		}
		for _, c := range []*rawClient{asked, asked2} {
			f := c.next()
			if got := f.first != text; got != row.compressed || inflate(t, f) != want {
				t.Errorf("who asked heard %v", f)
			}
			if row.compressed && len(f.payload) > len(want)/2 {
				t.Errorf("%d bytes became %d", len(want), len(f.payload))
			}
		}
	}
	// Pings and the close frame are never compressed.
	asked.send(ping, "p")
	if f := asked.next(); f.first != pong {
		t.Errorf("came %v", f)
	}
	asked.send(closeF, closePayload(1000, ""))
	asked.expectClose(1000, "")
}

func TestCompress_input(t *testing.T) {
	s := serve(t, &transport.Options{Compress: true})
	c := dialRaw(t, s.addr, "/talk", deflateOffer)
	c.handshake()
	for _, said := range []string{"a", strings.Repeat("b", 20_000)} {
		c.send(text|0x40, deflate(t, `{"type":1,"target":"Say","arguments":["`+said+`"]}`+"\x1e"))
		if got := inflate(t, c.next()); got != heard(said)+"\x1e" {
			t.Errorf("heard %.100q", got)
		}
	}
}

func TestHostile_deflateBomb(t *testing.T) {
	// A few KiB that become many MiB: the limit counts what comes out.
	s := serve(t, &transport.Options{Compress: true})
	stillWell := bystander(s)
	bomb := deflate(t, strings.Repeat("\x00", 16<<20))
	for name, open := range map[string]func(c *rawClient){
		"before the handshake": func(*rawClient) {},
		"after the handshake":  (*rawClient).handshake,
	} {
		t.Run(name, func(t *testing.T) {
			c := dialRaw(t, s.addr, "/talk", deflateOffer)
			open(c)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			go func() {
				_, _ = c.conn.Write(appendFrame(nil, rawFrame{first: text | 0x40, masked: true, payload: []byte(bomb)}))
			}()
			c.expectClose(1009, "too l")
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
				t.Errorf("%d bytes were allocated", grown)
			}
			stillWell(t)
		})
	}
}

// Every message is a good one, but each byte that was sent becomes hundreds.
func TestHostile_deflateBombOfGoodMessages(t *testing.T) {
	s := serve(t, &transport.Options{Compress: true})
	stillWell := bystander(s)
	c := dialRaw(t, s.addr, "/talk", deflateOffer)
	c.handshake()
	pings := deflate(t, strings.Repeat(`{"type":6}`+"\x1e", 1<<16))
	go func() {
		for range 100 {
			if _, err := c.conn.Write(appendFrame(nil, rawFrame{first: text | 0x40, masked: true, payload: []byte(pings)})); err != nil {
				return
			}
		}
	}()
	c.expectClose(1008, "compressed too much")
	stillWell(t)
}

func TestCompress_isOffByDefault(t *testing.T) {
	s := serve(t, nil)
	c := dialRaw(t, s.addr, "/talk", deflateOffer)
	c.handshake()
	s.publish(strings.Repeat("long ", 1000))
	if f := c.next(); f.first != text {
		t.Errorf("came %v", f)
	}
	c.send(text|0x40, "x")
	c.expectClose(1002, "rsv")
}
