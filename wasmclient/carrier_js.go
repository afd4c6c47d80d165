package client

import (
	"context"
	"errors"
	"io"
	"syscall/js"

	"partline.dev/shared/wire"
)

// browserCarrier is fetch and WebSocket. It is not coder/websocket, whose
// browser half does not close its sockets, loses close codes and brings all of
// net/http with it. Server-sent events are read with fetch, too: an EventSource
// can neither send a bearer token nor be made to wait for a slow reader.
type browserCarrier struct{ limit int }

// socketsShowTokens: a WebSocket has no headers here, so its token stands in the
// address.
const socketsShowTokens = true

func newCarrier(o *Options) carrier {
	return browserCarrier{limit: max(o.QueueLimit, o.ReceiveLimit)}
}

// codecOf is JSON: the other codecs would only make the page's program larger.
func codecOf(*Options) wire.Codec { return wire.JSON }

func (browserCarrier) Close() {}

func (browserCarrier) Do(ctx context.Context, r *request) (*response, error) {
	ctx, cancel := context.WithCancel(ctx)
	abort := js.Global().Get("AbortController").New()
	headers := map[string]any{}
	for name, value := range map[string]string{"Accept": r.accept, "Content-Type": r.kind} {
		if value != "" {
			headers[name] = value
		}
	}
	if r.token != "" {
		headers["Authorization"] = "Bearer " + r.token
	}
	options := map[string]any{
		"method":      r.method,
		"headers":     headers,
		"cache":       "no-store",
		"credentials": "same-origin", // for a log-in proxy; the hub needs no cookie
		"signal":      abort.Get("signal"),
	}
	if r.body != nil {
		options["body"] = string(r.body) // JSON is text
	}
	answer, err := await(ctx, abort, js.Global().Call("fetch", r.to.String(), options))
	if err != nil {
		cancel()
		return nil, err
	}
	body := &fetchBody{ctx: ctx, cancel: cancel, abort: abort}
	if stream := answer.Get("body"); stream.Type() == js.TypeObject {
		body.reader = stream.Call("getReader")
	}
	kind := answer.Get("headers").Call("get", "content-type")
	response := &response{code: answer.Get("status").Int(), body: body}
	if kind.Type() == js.TypeString {
		response.kind = kind.String()
	}
	return response, nil
}

// fetchBody is the body of an answer. The browser hands it over in pieces, each
// of which is asked for.
type fetchBody struct {
	ctx    context.Context
	cancel context.CancelFunc
	abort  js.Value
	reader js.Value // undefined: there is no body
	piece  []byte   // not read yet
}

func (b *fetchBody) Read(p []byte) (int, error) {
	for len(b.piece) == 0 {
		if err := b.ctx.Err(); err != nil {
			return 0, err
		}
		if b.reader.IsUndefined() {
			return 0, io.EOF
		}
		next, err := await(b.ctx, b.abort, b.reader.Call("read"))
		if err != nil {
			return 0, err
		}
		if next.Get("done").Bool() {
			return 0, io.EOF
		}
		b.piece = content(next.Get("value"))
	}
	n := copy(p, b.piece)
	b.piece = b.piece[n:]
	return n, nil
}

// Close ends a Read that waits, and the request.
func (b *fetchBody) Close() error {
	b.cancel()
	b.abort.Call("abort") // of what has ended it is nothing
	return nil
}

// await waits for a promise. When ctx ends it aborts what the promise is about,
// which ends the promise.
func await(ctx context.Context, abort, promise js.Value) (js.Value, error) {
	var value js.Value
	var failure error
	settled := make(chan struct{})
	succeeded := js.FuncOf(func(_ js.Value, args []js.Value) any {
		value = args[0]
		close(settled)
		return nil
	})
	defer succeeded.Release()
	failed := js.FuncOf(func(_ js.Value, args []js.Value) any {
		failure = errors.New(words(args[0]))
		close(settled)
		return nil
	})
	defer failed.Release()
	promise.Call("then", succeeded, failed)
	select {
	case <-settled:
	case <-ctx.Done():
		abort.Call("abort")
		<-settled
	}
	return value, failure
}

// words is what a JavaScript error says.
func words(v js.Value) string {
	if v.Type() == js.TypeObject {
		if message := v.Get("message"); message.Type() == js.TypeString {
			return message.String()
		}
	}
	return js.Global().Get("String").Invoke(v).String()
}
