package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// eventsLink is server-sent events: one answer that does not end carries what the
// hub says, and a POST what the client says.
type eventsLink struct {
	exchange
	ctx    context.Context // of all requests
	cancel context.CancelCauseFunc
	body   io.ReadCloser
	parser eventParser // the reader's
}

// openEvents asks for the answer that does not end.
func openEvents(ctx context.Context, x exchange) (link, error) {
	const kind = "text/event-stream"
	l := &eventsLink{exchange: x}
	l.ctx, l.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, func() { l.cancel(context.Cause(ctx)) })()
	answer, err := l.do(l.ctx, "GET", kind, nil)
	switch {
	case err != nil:
		err = because(l.ctx, err)
		l.cancel(err)
		return nil, err
	case answer.code != 200:
		err = refusal(answer)
	case !strings.EqualFold(mediaType(answer.kind), kind):
		err = fmt.Errorf("what answers is %q, not %q", mediaType(answer.kind), kind)
	default:
		l.body = answer.body
		return l, nil
	}
	_ = answer.body.Close()
	l.cancel(err)
	return nil, err
}

// mediaType is a Content-Type without its parameters.
func mediaType(kind string) string {
	kind, _, _ = strings.Cut(kind, ";")
	return strings.TrimSpace(kind)
}

func (l *eventsLink) Read(p []byte) (int, error) {
	for {
		n, err := l.body.Read(p)
		if n = l.parser.strip(p[:n]); n > 0 {
			return n, nil // an error comes again
		}
		if errors.Is(err, io.EOF) {
			err = errEnded
		}
		if err != nil {
			return 0, because(l.ctx, err)
		}
	}
}

func (l *eventsLink) Write(p []byte) error {
	if err := l.send(l.ctx, p); err != nil {
		return because(l.ctx, err)
	}
	return nil
}

// Close drops the answer, by which the hub knows.
func (l *eventsLink) Close() {
	l.cancel(errClosedHere)
	_ = l.body.Close()
}
