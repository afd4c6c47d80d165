package main

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// split reads a whole stream with a reader that gets it in pieces of size bytes.
func split(t *testing.T, stream []byte, size int) (payloads []byte, err error) {
	t.Helper()
	var f frameReader
	for len(stream) > 0 && err == nil {
		n := min(size, len(stream))
		piece := stream[:n]
		stream = stream[n:]
		for len(piece) > 0 && err == nil {
			var payload []byte
			payload, piece, err = f.next(piece)
			payloads = append(payloads, payload...)
		}
	}
	return payloads, err
}

func TestFramesOfEverySizeHoweverTheyAreCut(t *testing.T) {
	var stream, want []byte
	for _, size := range []int{0, 1, 125, 126, 200, 65535} {
		payload := bytes.Repeat([]byte{byte(size), marker}, size/2+1)[:size]
		stream = appendServerFrame(stream, opText, payload)
		want = append(want, payload...)
	}
	long := bytes.Repeat([]byte("long "), 20000)
	stream = binary.BigEndian.AppendUint64(append(stream, 0x82, 127), uint64(len(long)))
	stream = append(stream, long...)
	want = append(want, long...)
	for _, cut := range []int{1, 2, 3, 5, 7, 11, 100, 4096, len(stream)} {
		got, err := split(t, stream, cut)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("cut every %d bytes: %d bytes of payload, %v; want %d", cut, len(got), err, len(want))
		}
	}
}

func TestFrameThatNoServerSends(t *testing.T) {
	for name, frame := range map[string][]byte{
		"masked":       appendClientFrame(nil, opText, "hello"),
		"reserved bit": {0xc1, 0},
	} {
		if _, err := split(t, frame, len(frame)); err != errFrame {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzFrameReader(f *testing.F) {
	f.Add(appendServerFrame(nil, opText, []byte("hello")), 1)
	f.Add(appendServerFrame(appendServerFrame(nil, opBinary, bytes.Repeat([]byte{marker}, 300)), opClose, nil), 3)
	f.Add([]byte{0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 2)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		if size < 1 {
			size = 1
		}
		whole, wholeErr := split(t, stream, len(stream))
		cut, cutErr := split(t, stream, size)
		if !bytes.Equal(whole, cut) || wholeErr != cutErr {
			t.Errorf("%x and %v at once, %x and %v in pieces of %d", whole, wholeErr, cut, cutErr, size)
		}
	})
}
