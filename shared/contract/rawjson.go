package contract

// RawJSON is a value that is JSON text already, for a hub that passes on what
// it does not look into. Nil is null. Text that is not one JSON value is refused
// when it is written.
type RawJSON []byte
