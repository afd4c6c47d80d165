package contract

// RawJSON is a value that is JSON text already, for a hub that passes on what
// it does not look into. Nil is null. Text that is not one JSON value is refused
// when it is written.
//
// To a peer that speaks MessagePack it is a value of MessagePack, and the text is
// made of what such a peer sends: bytes become base64 and timestamps ISO 8601,
// which other peers read as the same bytes and times in JSON, but as text in
// MessagePack. Extensions of other kinds, and maps whose keys are not strings,
// are refused.
type RawJSON []byte
