package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"unicode/utf8"

	"partline.dev/server/hub"
)

const (
	// chunkSize is how many bytes of small frames go out in one write.
	chunkSize = 32 << 10

	// maxWrite is the most that one write carries, so that a long frame makes
	// visible progress.
	maxWrite = 64 << 10
)

// outbox is the queue in front of one socket: what the core sends and what the
// WebSocket library answers meet here. While it is empty it owns no goroutine
// and no buffer.
//
// A link's life ends in this order: the outbox is sealed, what is queued and the
// close frame go out, the writing half of the socket closes (done), and the
// reader discards what still comes until the peer has closed too. Closing a
// socket that holds unread bytes would reset it, and the peer would lose what it
// has not read yet, the close frame with it.
type outbox struct {
	backlog
	conn  net.Conn
	run   func() // flush, made once so that starting it allocates nothing
	timer timer  // a write that stalls, or a close that takes long

	// The backlog's mutex protects following.
	pong      []byte        // the answer to the peer's last ping
	last      []byte        // the close frame; nil: there is none, or it was written
	writing   int64         // when the write that goes on began, in ms; 0: none does
	closeBy   int64         // when the peer must have read what was queued at the seal
	flushing  bool          // the goroutine exists
	timed     bool          // timer is set
	hurried   bool          // only the close frame still goes out
	done      bool          // nothing more is written
	failed    bool          // not everything that was queued was written
	lingering bool          // the reader only discards
	isDone    chan struct{} // closed with done; nil: nobody waits
}

// errHurried ends a batch early, at the end of a frame.
var errHurried = errors.New("transport: the close is overdue")

var chunks = sync.Pool{New: func() any {
	b := make([]byte, 0, chunkSize)
	return &b
}}

// init makes o the outbox of conn.
func (o *outbox) init(host *Host, conn net.Conn) {
	o.host, o.conn = host, conn
	o.run = o.flush
	o.wake = o.start
	o.timer.f = o.tick
}

// control queues a frame that the library wrote. It skips the limit, but of the
// pongs only the last waits, as RFC 6455 allows (section 5.5.3), so a flood of
// pings fills nothing.
func (o *outbox) control(frame []byte) error {
	switch frame[0] {
	case framePong:
		o.mu.Lock()
		defer o.mu.Unlock()
		if !o.sealed {
			o.pong = bytes.Clone(frame)
			o.start()
		}
		return nil
	case frameClose:
		reason := hub.CloseReason{}
		last := bytes.Clone(frame)
		if len(frame) >= 4 {
			reason.Code = int(binary.BigEndian.Uint16(frame[2:]))
			reason.Text = string(frame[4:])
			if !utf8.ValidString(reason.Text) {
				// The library gives a peer's reason back as it was.
				reason.Text = ""
				last = closeFrame(reason)
			}
		}
		o.seal(last, reason, errFrame)
		return nil
	}
	return errors.New("transport: the library writes control frames only")
}

// start sees to it that somebody writes. The mutex is held.
func (o *outbox) start() {
	if o.flushing || o.done {
		return
	}
	o.flushing = true
	o.host.tasks.add()
	go o.run()
}

// flush writes what is queued until nothing is.
func (o *outbox) flush() {
	defer o.host.tasks.done()
	for {
		o.mu.Lock()
		pong, batch := o.pong, o.queue.take()
		o.pong = nil
		if pong == nil && batch.head == nil {
			last := o.last
			if !o.sealed {
				o.flushing = false
				o.mu.Unlock()
				return
			}
			o.last = nil
			o.mu.Unlock()
			if last == nil {
				o.end(nil)
				return
			}
			pong = last // alone in its batch, whichever it is
		} else {
			o.mu.Unlock()
		}
		if err := o.writeBatch(pong, &batch); err != nil && !errors.Is(err, errHurried) {
			o.end(err)
			return
		}
	}
}

// writeBatch writes a control frame, if there is one, and then a batch, many
// small frames at once. The way from flush to the socket has few and small stack
// frames, so that a new goroutine's 2 KiB suffice: growing the stack for every
// flush would be a fifth of what an event alone costs.
func (o *outbox) writeBatch(control []byte, batch *queue) (err error) {
	if control != nil {
		err = o.write(control, 0)
	}
	for err == nil && batch.head != nil {
		frames, cost, chunk := batch.gather()
		err = o.write(frames, cost)
		if chunk != nil {
			chunks.Put(chunk)
		}
	}
	batch.drop()
	return err
}

// write writes whole frames, which counted for cost in the queue. After a hurry
// it still writes them to their end and then gives errHurried.
func (o *outbox) write(frames []byte, cost int) (err error) {
	for len(frames) > 0 && err == nil {
		o.mu.Lock()
		o.writing = o.host.wheel.now()
		if !o.timed {
			o.timed = true
			o.host.wheel.set(&o.timer, o.host.options.SendTimeout)
		}
		o.mu.Unlock()
		var n int
		n, err = o.conn.Write(frames[:min(len(frames), maxWrite)])
		o.host.stats.bytesOut.Add(int64(n))
		frames = frames[n:]
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing = 0
	o.wrote(cost)
	if err == nil && o.hurried {
		return errHurried
	}
	return err
}
