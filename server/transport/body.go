package transport

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// minBodyRate is how many bytes a second a request's body must bring after the
// handshake timeout, the time in which the server waits for the client to take no
// more not counted.
const minBodyRate = 240

// ReadBody reads all of r's body, which may have limit bytes. Its memory grows with
// what arrives, whatever the client announces. Not ok: w is answered, with 413 if
// the body is longer, 408 if it came too slowly, and 400 if it broke off.
func (h *Host) ReadBody(w http.ResponseWriter, r *http.Request, limit int64) (body []byte, ok bool) {
	from := h.newBody(w, r, limit)
	chunk := readChunks.Get().(*[readChunk]byte)
	defer readChunks.Put(chunk)
	var all bytes.Buffer
	for {
		n, err := from.read(chunk[:])
		all.Write(chunk[:n])
		if err == nil {
			continue
		}
		if refused := bodyRefusal(err); refused != nil {
			h.refuse(w, refused)
			return nil, false
		}
		from.wait(func() {}) // it is over, and who answers has all the time it needs
		return all.Bytes(), true
	}
}

// bodyRefusal is what a client hears whose body could not be read on; nil: it is
// whole.
func bodyRefusal(err error) *refusal {
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &tooLong):
		return errPostLimit
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errPostSlow
	}
	return errPostBody
}

// timedBody is a request's body, which must come at a rate.
type timedBody struct {
	from  io.Reader
	rc    *http.ResponseController
	host  *Host
	taken time.Duration // while reading
	bytes int
}

// newBody is the body of r, which may have limit bytes.
func (h *Host) newBody(w http.ResponseWriter, r *http.Request, limit int64) *timedBody {
	return &timedBody{from: http.MaxBytesReader(w, r.Body, limit), rc: http.NewResponseController(w), host: h}
}

// read reads what has arrived, within the time that is left for the body.
func (b *timedBody) read(p []byte) (int, error) {
	left := b.host.options.HandshakeTimeout + time.Duration(b.bytes)*time.Second/minBodyRate - b.taken
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
