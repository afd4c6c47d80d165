package chat

import (
	"context"
	"errors"
	"time"

	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/chat"
)

// New returns the hub, ready to be mounted, which keeps its messages in log. Nil: it
// keeps none, in any scope.
func New(log history.Log) *hub.Mux {
	h := &keeper{log}
	m := hub.New(chat.API)
	hub.Handle(m, chat.PostMethod, h.post)
	hub.HandleStream(m, chat.Replay, h.replay)
	return m
}

// keeper is the hub's log; nil: none.
type keeper struct{ log history.Log }

// post keeps a message and sends it, in this order.
func (k *keeper) post(x *hub.Context, p chat.Post) (chat.Posted, error) {
	if p.Text == "" || len(p.Text) > chat.MaxText {
		return chat.Posted{}, errText
	}
	r := k.roomOf(x)
	to, err := r.everybody.Permit()
	if err != nil {
		return chat.Posted{}, err
	}
	said := chat.Message{Author: x.Author(""), Text: p.Text}
	if !r.kept() {
		said.At = time.Now().UnixMilli()
		return chat.Posted{At: said.At}, hub.Publish(x, to, chat.MessageEvent, said)
	}
	whole := context.WithoutCancel(x) // once it is kept it is sent, whoever has left
	at, err := k.log.Append(x, r.key, appendRecord(nil, &said), func(at history.Position, kept history.Record) {
		said.Epoch, said.Offset, said.At = at.Epoch, at.Offset, kept.At
		_ = hub.Publish(whole, to, chat.MessageEvent, said) // it is kept, so it counts as posted
	})
	switch {
	case errors.Is(err, history.ErrFull), errors.Is(err, history.ErrTooLong):
		return chat.Posted{}, errFull
	case err != nil:
		return chat.Posted{}, err
	}
	return chat.Posted{Epoch: at.Epoch, Offset: at.Offset, At: said.At}, nil
}

// What is said of a message that is not taken. Nothing was sent then.
var (
	errText = &access.Refusal{Code: chat.CodeText, Message: "A message has 1 to 16,384 bytes of text."}
	errFull = &access.Refusal{Code: chat.CodeFull, Message: "There is no room to keep this message, so it was not sent."}
)
