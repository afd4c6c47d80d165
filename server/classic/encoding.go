package classic

import (
	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// Encoding is how the hubs' events stand in an envelope: as items. A core whose
// hubs are served here has it in its [hub.RecentOptions].
var Encoding = hub.NewEncoding(itemCodec{wire.JSONAsDeclared}, nil)

// itemCodec writes what a client hears as an item of an envelope: an invocation as
// SignalR 2 has it, or a chunk of a connection without hubs. Values are JSON with
// names as declared. Nothing is read with it but values.
type itemCodec struct{ wire.Codec }

// Name tells the codec from that of the same values in other messages.
func (itemCodec) Name() string { return "classic" }

// Append appends an item. A message of another kind has none.
func (itemCodec) Append(dst []byte, m *wire.Message) []byte {
	switch m.Kind {
	case wire.Invocation:
		dst = append(dst, `{"H":`...)
		dst = appendText(dst, string(m.Hub))
		dst = append(dst, `,"M":`...)
		dst = appendText(dst, string(m.Target))
		dst = append(dst, `,"A":`...)
		if m.Arguments == nil {
			dst = append(dst, "[]"...)
		}
		dst = append(dst, m.Arguments...)
		return append(dst, '}')
	case wire.Close: // no item: what the link says as its last word
		return append(dst, m.Error...)
	}
	return dst
}

// AppendRaw is hub.RawCodec's: a chunk is a string, and JSON the value that it is.
func (itemCodec) AppendRaw(dst, chunk []byte, json bool) []byte {
	if json {
		return append(dst, chunk...)
	}
	return appendText(dst, string(chunk))
}
