package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// errResponse is what the clients say of bytes that are no HTTP response.
var errResponse = errors.New("a malformed HTTP response")

// responseReader splits a server's byte stream into the bodies of its responses,
// however the stream is cut. It copies lines only.
type responseReader struct {
	part   responsePart
	line   []byte // as far as it came
	length int64  // of the body; -1: it comes in chunks
	left   int64  // bytes of the body or chunk still to come
}

// responsePart is where in a response a reader is.
type responsePart int

const (
	statusLine responsePart = iota
	headerLine
	chunkLine    // the size of a chunk
	chunkEndLine // behind a chunk, empty
	trailerLine
	bodyBytes
	chunkBytes
	ended
)

// longestLine is more than any server here sends.
const longestLine = 4096

// next returns the next piece of one body and what is behind it. A body may come
// in pieces, or empty. When rest is empty, all was read.
func (r *responseReader) next(p []byte) (payload, rest []byte, err error) {
	if r.part == ended {
		r.part = statusLine
	}
	for r.part < bodyBytes {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			i = len(p)
		}
		if r.line = append(r.line, p[:i]...); len(r.line) > longestLine {
			return nil, nil, errResponse
		}
		if i == len(p) {
			return nil, nil, nil
		}
		p = p[i+1:]
		err := r.readLine(bytes.TrimSuffix(r.line, []byte{'\r'}))
		r.line = r.line[:0]
		if err != nil {
			return nil, nil, err
		}
	}
	n := min(r.left, int64(len(p)))
	r.left -= n
	switch {
	case r.left > 0:
	case r.part == chunkBytes:
		r.part = chunkEndLine
	default:
		r.part = ended
	}
	return p[:n], p[n:], nil
}

// done tells whether a response has ended with what next returned.
func (r *responseReader) done() bool { return r.part == ended }

func (r *responseReader) readLine(line []byte) (err error) {
	switch r.part {
	case statusLine:
		if !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return fmt.Errorf("%w: %.100q", errResponse, line)
		}
		r.part, r.length = headerLine, 0
	case headerLine:
		return r.readHeader(line)
	case chunkLine:
		r.left, err = strconv.ParseInt(string(line), 16, 64)
		if err != nil || r.left < 0 {
			return fmt.Errorf("%w: a chunk of %.20q bytes", errResponse, line)
		}
		r.part = chunkBytes
		if r.left == 0 {
			r.part = trailerLine
		}
	case chunkEndLine:
		if len(line) > 0 {
			return fmt.Errorf("%w: %.20q behind a chunk", errResponse, line)
		}
		r.part = chunkLine
	case trailerLine:
		if len(line) == 0 {
			r.part = ended
		}
	}
	return nil
}

// readHeader reads one line of the header, of which the empty one is the last.
func (r *responseReader) readHeader(line []byte) (err error) {
	if len(line) == 0 {
		switch r.left = r.length; {
		case r.length < 0:
			r.left, r.part = 0, chunkLine
		case r.length == 0:
			r.part = ended
		default:
			r.part = bodyBytes
		}
		return nil
	}
	name, value, _ := bytes.Cut(line, []byte{':'})
	value = bytes.TrimSpace(value)
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		if r.length, err = strconv.ParseInt(string(value), 10, 64); err != nil || r.length < 0 {
			return fmt.Errorf("%w: a length of %.20q", errResponse, value)
		}
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		r.length = -1
	}
	return nil
}
