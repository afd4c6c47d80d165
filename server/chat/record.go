package chat

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"partline.dev/shared/chat"
)

// recordVersion is the first byte of each record. Who finds another one, of a newer
// program, cannot read the record.
const recordVersion = 1

// appendRecord appends what is kept of m: the version, the author with its length
// before it, and the text.
func appendRecord(dst []byte, m *chat.Message) []byte {
	dst = append(dst, recordVersion)
	dst = binary.AppendUvarint(dst, uint64(len(m.Author)))
	dst = append(dst, m.Author...)
	return append(dst, m.Text...)
}

// readRecord reads what appendRecord wrote.
func readRecord(data []byte) (author, text string, err error) {
	if len(data) == 0 || data[0] != recordVersion {
		return "", "", errRecord
	}
	n, size := binary.Uvarint(data[1:])
	if size <= 0 || n > uint64(len(data)-1-size) {
		return "", "", errRecord
	}
	rest := data[1+size:]
	if !utf8.Valid(rest[:n]) || !utf8.Valid(rest[n:]) {
		return "", "", errRecord
	}
	return string(rest[:n]), string(rest[n:]), nil
}

var errRecord = errors.New("this is no record of a chat that this program can read")
