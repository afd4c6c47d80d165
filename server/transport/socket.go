package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/coder/websocket"
	"partline.dev/server/hub"
)

const (
	// readAhead is how much a link reads at once while it is idle: enough for
	// most messages, since it holds that much all the time.
	readAhead = 512

	// readChunk is how much of a WebSocket message is handed on at once.
	readChunk = 4 << 10

	// floodLimit is how many bytes a peer may send within floodTime beyond those
	// that its data stands for: pings, pongs, and fragments of next to nothing.
	// A byte of data stands for floodPays bytes: the header of a frame is 6 to
	// 14 of them.
	floodLimit = 64 << 10
	floodPays  = 6
	floodTime  = 10_000 // ms

	// inflateLimit is how many bytes of compressed messages a peer may have
	// inflated within floodTime beyond inflateTimes as many as it sent: text is
	// seldom a tenth of that. What inflates is read, so it costs more than to send.
	inflateLimit = 1 << 20
	inflateTimes = 64

	// restEvery is how often, in ms, a link changes to a fresh stack.
	restEvery = 1000
)

// breach is what a peer may not do on a socket, and what it hears of it.
type breach struct {
	reason hub.CloseReason
	text   string
}

// Error is what the log says.
func (b *breach) Error() string { return b.text }

var (
	errFlood = &breach{hub.CloseReason{Code: hub.CodePolicy, Text: "too many frames without data"}, "the client sends frames without data"}
	errBomb  = &breach{hub.CloseReason{Code: hub.CodePolicy, Text: "compressed too much"}, "the client sends next to nothing that inflates to much"}
	errFrame = &breach{hub.CloseReason{Code: hub.CodeProtocol, Text: "malformed frame"}, "the client broke the WebSocket protocol"}
)

// socket is a WebSocket as a link, from the upgrade to the end of its TCP
// connection. Its one goroutine reads.
type socket struct {
	owner  owner
	whole  bool // the owner takes messages whole
	outbox outbox
	ws     *websocket.Conn

	// The reader's alone.
	buffer *bufio.Reader // the library's
	lost   error         // the socket's error
	cut    error         // what the library was given in the place of bytes
	heard  int64         // when something was last read, in ms
	rested int64         // when the reader last changed to a fresh stack, in ms
	early  []byte        // what the HTTP server had read ahead
	ahead  struct {
		start, end int
		bytes      [readAhead]byte
	}
	flood struct {
		since int64
		bytes int
		came  int // all bytes
		data  int // of messages, inflated
	}
}

// owner is whose link a socket is.
type owner interface {
	// takePiece takes a piece of a message that came over from, and keeps
	// nothing of p; the last one may be empty. It waits while there is no room
	// for more. An error ends the socket.
	takePiece(from link, p []byte, text, last bool) error

	// dropped tells that nothing more comes over from, because of cause; nil:
	// either side has ended it. Closed is called when its socket is closed, with
	// the code of that and whether the peer was gone.
	dropped(from link, cause error) (closed func(code int, lost bool))
}

func (l *socket) host() *Host { return l.outbox.host }

// run reads until the link ends, and ends it.
func (l *socket) run() {
	for {
		if err := l.next(); err != nil {
			l.end(err)
			return
		}
		// A stack that was deep never gets smaller than 4 KiB again. Whoever is
		// about to wait does so on a new one, of 2 KiB, but not for every
		// message of a busy connection.
		if !l.hasInput() && l.heard-l.rested >= restEvery {
			l.rested = l.heard
			l.host().tasks.Go(l.run)
			return
		}
	}
}

// next waits for a message and takes it. It waits outside the library, where
// the stack is shallow.
func (l *socket) next() error {
	if !l.hasInput() {
		n, err := l.receive(l.ahead.bytes[:])
		l.ahead.start, l.ahead.end = 0, n
		if err != nil {
			return err
		}
	}
	return l.readMessage()
}

var readChunks = sync.Pool{New: func() any { return new([readChunk]byte) }}

// readMessage reads one WebSocket message, of whichever opcode, and hands on
// what arrived whenever no more is at hand, or of a whole message when there is
// no room for more in one piece.
func (l *socket) readMessage() error {
	kind, r, err := l.ws.Reader(context.Background())
	if err != nil {
		return err
	}
	chunk := readChunks.Get().(*[readChunk]byte)
	defer readChunks.Put(chunk)
	for n := 0; ; {
		k, err := r.Read(chunk[n:])
		if l.cut != nil {
			// The library gives what came of the frame as it stands on the wire,
			// masked, or takes the end of the link for that of the message.
			k, err = 0, l.cut
		}
		if n += k; k > 0 {
			l.flood.bytes = max(0, l.flood.bytes-floodPays*k)
			if l.flood.data += k; l.flood.data > inflateLimit+inflateTimes*l.flood.came {
				return errBomb
			}
		}
		if err == nil && n < readChunk && (l.whole || l.hasInput()) {
			continue
		}
		last := err == io.EOF && l.cut == nil
		if n > 0 || last {
			if err := l.owner.takePiece(&l.outbox, chunk[:n], kind == websocket.MessageText, last); err != nil {
				return err
			}
			n = 0
		}
		if last {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// hasInput tells whether the library can read on without waiting.
func (l *socket) hasInput() bool {
	return l.buffer.Buffered() > 0 || l.ahead.start < l.ahead.end || len(l.early) > 0
}

// read gives the library what was read ahead, or reads.
func (l *socket) read(p []byte) (int, error) {
	if len(l.early) > 0 {
		n := copy(p, l.early)
		if l.early = l.early[n:]; len(l.early) == 0 {
			l.early = nil
		}
		return n, nil
	}
	if l.ahead.start == l.ahead.end {
		if len(p) >= readAhead {
			return l.receive(p)
		}
		n, err := l.receive(l.ahead.bytes[:])
		l.ahead.start, l.ahead.end = 0, n
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, l.ahead.bytes[l.ahead.start:l.ahead.end])
	l.ahead.start += n
	return n, nil
}

// receive reads from the socket. With an error there are no bytes.
func (l *socket) receive(p []byte) (int, error) {
	if sealed, _, _ := l.outbox.state(); sealed {
		return 0, net.ErrClosed
	}
	n, err := l.outbox.conn.Read(p)
	l.host().stats.bytesIn.Add(int64(n))
	if n == 0 && err != nil { // TLS gives its end with the last bytes, and once more
		l.lost = err
		return 0, err
	}
	l.heard = l.host().wheel.now()
	if l.heard-l.flood.since >= floodTime {
		l.flood.since, l.flood.bytes, l.flood.came, l.flood.data = l.heard, 0, 0, 0
	}
	l.flood.came += n
	if l.flood.bytes += n; l.flood.bytes > floodLimit {
		return 0, errFlood
	}
	return n, nil
}

// end ends the link after reading ended with err: its owner hears of it, the peer
// gets its close frame, and the socket closes.
func (l *socket) end(err error) {
	sealed, _, cause := l.outbox.state()
	peer := websocket.CloseStatus(err)
	var reason hub.CloseReason
	var broke *breach
	switch {
	case peer == websocket.StatusNormalClosure, peer == websocket.StatusGoingAway, peer == websocket.StatusNoStatusRcvd:
		cause = nil
	case peer != -1:
		cause = fmt.Errorf("the client closed with code %d", peer)
	case sealed && cause == nil:
		// The core ended it and knows why.
	case errors.Is(cause, errFrame):
		// The library has told the peer already.
		cause = fmt.Errorf("%w: %w", errFrame, err)
	case sealed:
		// The outbox ended it.
	case l.lost != nil:
		cause = fmt.Errorf("%w: %w", errLost, l.lost)
	case errors.As(err, &broke):
		reason, cause = broke.reason, err
	default:
		reason, cause = errFrame.reason, fmt.Errorf("%w: %w", errFrame, err)
	}
	l.outbox.Close(reason)
	closed := l.owner.dropped(&l.outbox, cause)
	whole := l.outbox.linger(l.ahead.bytes[:])
	// Everything is closed; the library only lets go of what it holds.
	_ = l.ws.Close(websocket.StatusNormalClosure, "")
	_, reason, _ = l.outbox.state()
	closed(reason.Code, peer == -1 && (!whole || errors.Is(cause, errLost)))
}
