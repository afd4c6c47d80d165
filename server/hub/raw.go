package hub

import (
	"context"
	"fmt"
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// NewRaw returns a hub without methods and events, whose clients get bytes: see
// [PublishRaw]. It has connections, groups and users as any other, and no API. It
// panics if name cannot be a hub's.
func NewRaw(name string) *Mux {
	return newMux(contract.NewHub(name), nil)
}

// RawCodec is what the codec of a raw hub's connections must be.
type RawCodec interface {
	wire.Codec

	// AppendRaw appends a chunk as a client gets it, framed. If json is true it
	// is one JSON value, which was checked.
	AppendRaw(dst, chunk []byte, json bool) []byte
}

// Raw is the codec of connections that carry chunks as they are, and no hub
// messages: those that the core sends to any client are nothing on them.
var Raw RawCodec = rawCodec{wire.JSON}

type rawCodec struct{ wire.Codec }

func (rawCodec) Append(dst []byte, _ *wire.Message) []byte { return dst }

func (rawCodec) AppendRaw(dst, chunk []byte, _ bool) []byte { return append(dst, chunk...) }

// PublishRaw sends a chunk to everybody in the target, which is of a raw hub, as
// [Publish] sends an event. To a client of SignalR 2 it is a JSON string, in which
// what is not UTF-8 becomes U+FFFD; to any other it is the chunk. It gives
// ErrForeign if the hub is not a raw one.
func PublishRaw(ctx context.Context, to Target, chunk []byte) error {
	return publishRaw(ctx, to, chunk, false)
}

// PublishRawJSON is [PublishRaw] with a chunk that is JSON text: to a client of
// SignalR 2 it is the value and no string. It gives an error of package wire for
// any other text.
func PublishRawJSON(ctx context.Context, to Target, value []byte) error {
	plan, err := wire.PlanOf(reflect.TypeFor[contract.RawJSON]())
	if err != nil {
		return err
	}
	chunk, err := wire.JSON.AppendValue(nil, plan, reflect.ValueOf(contract.RawJSON(value)))
	if err != nil {
		return err
	}
	return publishRaw(ctx, to, chunk, true)
}

func publishRaw(ctx context.Context, to Target, chunk []byte, json bool) error {
	if mux := to.from.mux; mux != nil && mux.api != nil {
		return fmt.Errorf("publish bytes on hub %s: %w", mux.Name(), ErrForeign)
	}
	return send(ctx, to, "", newEvent(wire.Invocation, func(dst []byte, codec wire.Codec) ([]byte, error) {
		raw, ok := codec.(RawCodec)
		if !ok {
			return nil, fmt.Errorf("the codec %q of a raw hub's connection carries no bytes", codec.Name())
		}
		return raw.AppendRaw(dst, chunk, json), nil
	}))
}
