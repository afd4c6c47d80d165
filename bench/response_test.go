package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// bodies reads a whole stream with a reader that gets it in pieces of size
// bytes, and tells how many responses ended in it.
func bodies(stream []byte, size int) (payloads []byte, ends int, err error) {
	var r responseReader
	for len(stream) > 0 && err == nil {
		n := min(size, len(stream))
		piece := stream[:n]
		stream = stream[n:]
		for len(piece) > 0 && err == nil {
			var payload []byte
			payload, piece, err = r.next(piece)
			payloads = append(payloads, payload...)
			if r.done() {
				ends++
			}
		}
	}
	return payloads, ends, err
}

func TestResponsesOfEveryKindHoweverTheyAreCut(t *testing.T) {
	long := strings.Repeat("long ", 5000)
	stream := "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nDate: now\r\ncontent-length: 5\r\nConnection: keep-alive\r\n\r\nhello" +
		"HTTP/1.1 200 OK\r\n\r\n" +
		fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(long), long) +
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n:\r\n\r\n1A\r\n" + strings.Repeat("x", 26) + "\r\n0\r\nTrailer: t\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast"
	want := "hello" + long + ":\r\n" + strings.Repeat("x", 26) + "last"
	for _, cut := range []int{1, 2, 3, 5, 7, 11, 100, 4096, len(stream)} {
		got, ends, err := bodies([]byte(stream), cut)
		if err != nil || string(got) != want || ends != 6 {
			t.Errorf("cut every %d bytes: %d bytes in %d responses, %v; want %d in 6", cut, len(got), ends, err, len(want))
		}
	}
}

func TestResponseThatNobodyExpects(t *testing.T) {
	for _, stream := range []string{
		"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 404 Not Found\r\n", "data: x\r\n", strings.Repeat("x", longestLine+1),
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlong\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",
	} {
		if _, _, err := bodies([]byte(stream), len(stream)); !errors.Is(err, errResponse) {
			t.Errorf("%.60q: %v", stream, err)
		}
	}
}

// A client that polls asks again as soon as it has all of an answer, and no
// sooner.
func TestReceivePollsAgain(t *testing.T) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(pair[0])
	defer syscall.Close(pair[1])
	c := &client{fd: pair[0], carrier: &responseReader{}, poll: []byte("GET")}
	sent := func() string {
		p := make([]byte, 100)
		n, _ := syscall.Read(pair[1], p)
		return string(p[:max(n, 0)])
	}
	const stamp = 1_700_000_000_123_456_789
	body := append(messageJSON(stamp), messageJSON(stamp+1)...)
	c.receive(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:len(body)-1]), nil)
	if got := sent(); got != "" || c.messages != 2 || c.err != nil {
		t.Errorf("in the middle: %d messages, sent %q, %v", c.messages, got, c.err)
	}
	c.receive(body[len(body)-1:], nil)
	if got := sent(); got != "GET" || c.err != nil {
		t.Errorf("at the end it sent %q, %v", got, c.err)
	}
	c.receive([]byte("HTTP/1.1 204 No Content\r\n\r\n"), nil)
	if !errors.Is(c.err, errResponse) {
		t.Errorf("the server ended the connection: %v", c.err)
	}

	c = &client{fd: pair[0], carrier: &responseReader{}}
	c.receive([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), nil)
	if c.err == nil {
		t.Error("a stream of events ended, and nobody noticed")
	}
}

func FuzzResponseReader(f *testing.F) {
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		size = max(size, 1)
		whole, ends, wholeErr := bodies(stream, len(stream))
		cut, cutEnds, cutErr := bodies(stream, size)
		if !bytes.Equal(whole, cut) || ends != cutEnds || errors.Is(wholeErr, errResponse) != errors.Is(cutErr, errResponse) {
			t.Errorf("%x, %d ends and %v at once, %x, %d ends and %v in pieces of %d", whole, ends, wholeErr, cut, cutEnds, cutErr, size)
		}
	})
}
