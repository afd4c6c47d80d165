package client

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"syscall/js"
	"time"
)

// resumeTries is how often the resumption of a connection is tried, within its
// time. A browser does not say that the hub has forgotten the connection.
const resumeTries = 4

const (
	// sendBuffer is how many bytes the browser may hold unsent before the next
	// Write waits.
	sendBuffer = 256 << 10

	// sendLook is how often a Write that waits looks: the browser tells nobody
	// when it has sent something.
	sendLook = 50 * time.Millisecond

	// open is a WebSocket's readyState that lets one send.
	open = 1
)

var errTooMuch = errors.New("the hub sends more than the handlers of events can take")

// Dial puts the token into the address, since a WebSocket of the browser's has no
// headers.
func (c browserCarrier) Dial(ctx context.Context, to *url.URL, token string, _ bool) (link, error) {
	if token != "" {
		to = with(*to, "access_token="+url.QueryEscape(token))
	}
	socket, err := newSocket(to)
	if err != nil {
		return nil, err
	}
	l := &browserLink{socket: socket, limit: c.limit, came: make(chan struct{}, 1), closed: make(chan struct{})}
	opened := make(chan struct{})
	socket.Set("binaryType", "arraybuffer")
	l.on("open", func(js.Value) { close(opened) })
	l.on("message", l.receive)
	l.on("close", func(e js.Value) { l.end(closedError(e.Get("code").Int(), e.Get("reason").String())) })
	select {
	case <-opened:
		return l, nil
	case <-l.closed:
	case <-ctx.Done():
		l.end(ctx.Err())
	}
	l.Close()
	return nil, l.err
}

// newSocket opens a WebSocket. The browser refuses some addresses at once.
func newSocket(to *url.URL) (socket js.Value, err error) {
	class := js.Global().Get("WebSocket")
	if class.Type() != js.TypeFunction {
		return js.Value{}, errors.New("there are no WebSockets here")
	}
	defer func() {
		if refused, ok := recover().(js.Error); ok {
			err = errors.New(words(refused.Value))
		}
	}()
	return class.New(to.String()), nil
}

// browserLink is a WebSocket of the browser's. What arrives is kept on its side
// until it is read.
type browserLink struct {
	socket    js.Value
	listeners []listener
	limit     int
	came      chan struct{} // holds a value when something came, or the end
	closed    chan struct{} // closed at the end
	piece     []byte        // of a message, not read yet

	mu       sync.Mutex // protects following
	messages [][]byte
	size     int // of messages, in bytes
	err      error
}

// listener is what listens to one event of a socket.
type listener struct {
	event string
	f     js.Func
}

func (l *browserLink) on(event string, f func(e js.Value)) {
	listen := js.FuncOf(func(_ js.Value, args []js.Value) any {
		f(args[0])
		return nil
	})
	l.listeners = append(l.listeners, listener{event, listen})
	l.socket.Call("addEventListener", event, listen)
}

// receive takes a message from the browser, which must not wait.
func (l *browserLink) receive(e js.Value) {
	data := content(e.Get("data"))
	n := len(data)
	l.mu.Lock()
	tooMuch := l.size+n > l.limit && l.size > 0
	if !tooMuch && l.err == nil {
		l.messages = append(l.messages, data)
		l.size += n
	}
	l.mu.Unlock()
	if tooMuch {
		l.end(errTooMuch)
		l.socket.Call("close") // the reader may be long in coming
		return
	}
	signal(l.came)
}

// end notes why the link has ended. Only the first reason counts.
func (l *browserLink) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
		close(l.closed)
		signal(l.came)
	}
}

func (l *browserLink) Read(p []byte) (int, error) {
	for len(l.piece) == 0 {
		l.mu.Lock()
		switch {
		case len(l.messages) > 0:
			l.piece = l.messages[0]
			l.messages[0] = nil
			l.messages = l.messages[1:]
			l.size -= len(l.piece)
			l.mu.Unlock()
		case l.err != nil:
			l.mu.Unlock()
			return 0, l.err
		default:
			l.mu.Unlock()
			<-l.came
		}
	}
	n := copy(p, l.piece)
	if l.piece = l.piece[n:]; len(l.piece) == 0 {
		l.piece = nil
	}
	return n, nil
}

// content is the bytes of a message.
func content(data js.Value) []byte {
	if data.Type() == js.TypeString {
		return []byte(data.String())
	}
	array := js.Global().Get("Uint8Array").New(data)
	p := make([]byte, array.Length())
	js.CopyBytesToGo(p, array)
	return p
}

func (l *browserLink) Write(p []byte) error {
	for l.socket.Get("bufferedAmount").Int() > sendBuffer && l.socket.Get("readyState").Int() == open {
		t := time.NewTimer(sendLook)
		select {
		case <-t.C:
		case <-l.closed:
			t.Stop()
		}
	}
	if l.socket.Get("readyState").Int() != open {
		return errors.New("the WebSocket is not open")
	}
	l.socket.Call("send", string(p))
	return nil
}

// Close closes the browser's socket, and lets go of it: nothing that it still
// has to say is heard.
func (l *browserLink) Close() {
	l.end(errClosedHere)
	l.mu.Lock()
	listeners := l.listeners
	l.listeners, l.messages = nil, nil
	l.mu.Unlock()
	for _, o := range listeners {
		l.socket.Call("removeEventListener", o.event, o.f)
		o.f.Release()
	}
	if len(listeners) > 0 {
		l.socket.Call("close")
	}
}
