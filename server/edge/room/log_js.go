//go:build js && wasm

package room

import (
	"bytes"
	"context"
	"log/slog"
	"syscall/js"
)

// logHandler writes lines to the console of the Worker, as slog's text handler has
// them.
type logHandler struct {
	host  js.Value
	level slog.Level
	with  func(slog.Handler) slog.Handler
}

// level is that of the variable LOG_LEVEL: debug, info, warn or error. Else it is info.
func level(config js.Value) (l slog.Level) {
	if v := config.Get("LOG_LEVEL"); v.Type() == js.TypeString {
		_ = l.UnmarshalText([]byte(v.String())) // info stays
	}
	return l
}

func (h *logHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	var line bytes.Buffer
	text := slog.Handler(slog.NewTextHandler(&line, &slog.HandlerOptions{Level: h.level}))
	if h.with != nil {
		text = h.with(text)
	}
	if err := text.Handle(ctx, record); err != nil {
		return err
	}
	h.host.Call("log", record.Level.String(), string(bytes.TrimSpace(line.Bytes())))
	return nil
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.wrap(func(t slog.Handler) slog.Handler { return t.WithAttrs(attrs) })
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	return h.wrap(func(t slog.Handler) slog.Handler { return t.WithGroup(name) })
}

func (h *logHandler) wrap(more func(slog.Handler) slog.Handler) slog.Handler {
	before := h.with
	return &logHandler{host: h.host, level: h.level, with: func(t slog.Handler) slog.Handler {
		if before != nil {
			t = before(t)
		}
		return more(t)
	}}
}
