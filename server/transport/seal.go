package transport

import (
	"errors"
	"net"
	"time"

	"partline.dev/server/hub"
)

// What ends a link from this side, for OnDisconnect and the log.
var (
	errSendTimeout = errors.New("the client has not read for too long")
	errLost        = errors.New("the link was lost")
)

// wakeUp is a read deadline that ends a read now.
var wakeUp = time.Unix(1, 0)

// Close is hub.Sink's: the peer gets what is queued, then a close frame.
func (o *outbox) Close(reason hub.CloseReason) {
	o.seal(closeFrame(reason), reason, nil)
}

// seal lets nothing more into the queue: after what is queued comes last, and
// then the link ends. Seals after the first do nothing.
func (o *outbox) seal(last []byte, reason hub.CloseReason, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sealLocked(last, reason, err)
}

func (o *outbox) sealLocked(last []byte, reason hub.CloseReason, err error) {
	if !o.shut(reason, err) {
		return
	}
	o.last = last
	o.closeBy = o.host.wheel.now() + o.host.options.CloseTimeout.Milliseconds()
	o.timed = true
	o.host.wheel.set(&o.timer, o.host.options.CloseTimeout)
	o.start()
	_ = o.conn.SetReadDeadline(wakeUp)
}

// tick looks after a write that takes long. It runs in the wheel's goroutine.
func (o *outbox) tick() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.timed = false
	now := o.host.wheel.now()
	var due int64
	switch {
	case o.done || o.hurried:
		return
	case o.sealed:
		due = o.closeBy
	case o.writing == 0:
		return
	default:
		due = o.writing + o.host.options.SendTimeout.Milliseconds()
	}
	if now < due {
		o.timed = true
		o.host.wheel.set(&o.timer, time.Duration(due-now)*time.Millisecond)
		return
	}
	if !o.sealed {
		reason := hub.CloseReason{Code: hub.CodeTryAgainLater, Text: "send timeout"}
		o.sealLocked(closeFrame(reason), reason, errSendTimeout)
	}
	o.hurry()
}

// hurry gives up what is queued. The frames that are being written are finished
// if the peer reads on within the close timeout, and the close frame follows
// them; else the socket closes where it is, since nothing may follow half a
// frame. The write itself is not interrupted before: a write that timed out
// cannot be continued under TLS.
func (o *outbox) hurry() {
	o.hurried = true
	o.queue.drop()
	o.pong = nil
	_ = o.conn.SetWriteDeadline(time.Now().Add(o.host.options.CloseTimeout))
}

// end is the flush's last act: everything was written, or nothing more can be.
func (o *outbox) end(err error) {
	if err == nil {
		if half, ok := o.conn.(interface{ CloseWrite() error }); ok {
			err = half.CloseWrite()
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shut(hub.CloseReason{}, errLost)
	o.done, o.failed = true, err != nil
	o.queue.drop()
	o.pong, o.last = nil, nil
	o.host.wheel.unset(&o.timer)
	switch {
	case o.failed:
		_ = o.conn.SetReadDeadline(wakeUp)
	case o.lingering:
		o.setLinger()
	}
	if o.isDone != nil {
		close(o.isDone)
	}
}

func (o *outbox) setLinger() {
	_ = o.conn.SetReadDeadline(time.Now().Add(o.host.options.CloseTimeout))
}

// abort ends the link now, without a word.
func (o *outbox) abort() {
	conn := o.conn
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn() // closing TLS politely takes time
	}
	_ = conn.Close()
}

// lingerLimit is how many bytes are read of a peer that goes on sending after
// the close.
const lingerLimit = 4 << 20

// linger is the end of a sealed link, run by its reader: it discards what the
// peer still sends until the peer has closed too, waits for the flush and closes
// the socket. It reports whether everything was written, the close frame too.
func (o *outbox) linger(buf []byte) (whole bool) {
	o.mu.Lock()
	failed, isDone := o.failed, chan struct{}(nil)
	if o.done {
		o.setLinger()
	} else {
		o.lingering = true
		isDone = make(chan struct{})
		o.isDone = isDone
		_ = o.conn.SetReadDeadline(time.Time{})
	}
	o.mu.Unlock()
	for discarded := 0; !failed && discarded < lingerLimit; {
		n, err := o.conn.Read(buf)
		o.host.stats.bytesIn.Add(int64(n))
		discarded += n
		failed = err != nil
	}
	if isDone != nil {
		<-isDone
	}
	o.mu.Lock()
	whole = !o.failed
	o.mu.Unlock()
	if whole {
		_ = o.conn.Close()
	} else {
		o.abort()
	}
	return whole
}
