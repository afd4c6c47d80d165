package transport

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"time"

	"partline.dev/server/front"
)

// minBodyRate is how many bytes a second a request's body must bring after the
// handshake timeout, the time in which the server waits for the client to take no
// more not counted.
const minBodyRate = 240

// Of bodies that are read whole, bodyShare bytes of each may be there whatever
// others have, and bodiesLimit bytes of all of them beyond that. The first
// bodyCredit bytes of each are those that give it time: who has sent a megabyte at
// once may not hold it for an hour.
const (
	bodyShare   = 16 << 10
	bodiesLimit = 64 << 20
	bodyCredit  = 64 << 10
)

// ReadBody reads all of r's body, which may have limit bytes. Its memory grows with
// what arrives, whatever the client announces. Not ok: w is answered, with 413 if
// the body is longer, 408 if it came too slowly, 400 if it broke off, and 503 if
// other long bodies have all the memory there is for them.
func (h *Host) ReadBody(w http.ResponseWriter, r *http.Request, limit int64) (body []byte, ok bool) {
	body, refused := h.readBody(w, r, limit)
	if refused != nil {
		h.refuse(w, refused)
		return nil, false
	}
	return body, true
}

// readBody is ReadBody for who answers by itself.
func (h *Host) readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *front.Refusal) {
	from := h.newBody(w, r, limit)
	from.credit = bodyCredit
	chunk := readChunks.Get().(*[readChunk]byte)
	defer readChunks.Put(chunk)
	var all bytes.Buffer
	var held int64
	defer func() { h.bodies.Add(-held) }()
	for {
		n, err := from.read(chunk[:])
		all.Write(chunk[:n])
		if more := int64(all.Len()) - bodyShare - held; more > 0 {
			held += more
			if h.bodies.Add(more) > bodiesLimit {
				return nil, errBodies
			}
		}
		if err == nil {
			continue
		}
		if refused := bodyRefusal(err); refused != nil {
			return nil, refused
		}
		from.wait(func() {}) // it is over, and who answers has all the time it needs
		return all.Bytes(), nil
	}
}

// bodyRefusal is what a client hears whose body could not be read on; nil: it is
// whole.
func bodyRefusal(err error) *front.Refusal {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errPostSlow
	}
	return front.BodyRefusal(err)
}

// timedBody is a request's body, which must come at a rate.
type timedBody struct {
	from   io.Reader
	rc     *http.ResponseController
	host   *Host
	taken  time.Duration // while reading
	bytes  int
	credit int // how many of them give it time
}

// newBody is the body of r, which may have limit bytes.
func (h *Host) newBody(w http.ResponseWriter, r *http.Request, limit int64) *timedBody {
	return &timedBody{from: http.MaxBytesReader(w, r.Body, limit), rc: http.NewResponseController(w), host: h, credit: math.MaxInt}
}

// read reads what has arrived, within the time that is left for the body.
func (b *timedBody) read(p []byte) (int, error) {
	left := b.host.options.HandshakeTimeout + time.Duration(min(b.bytes, b.credit))*time.Second/minBodyRate - b.taken
	// Not every ResponseWriter has deadlines.
	begun := time.Now()
	_ = b.rc.SetReadDeadline(begun.Add(left))
	n, err := b.from.Read(p)
	b.taken += time.Since(begun)
	b.bytes += n
	b.host.stats.bytesIn.Add(int64(n))
	return n, err
}

// wait calls f, which waits for something that is not the client's fault. Without
// a deadline the HTTP server still notices when the client is gone.
func (b *timedBody) wait(f func()) {
	_ = b.rc.SetReadDeadline(time.Time{})
	f()
}
