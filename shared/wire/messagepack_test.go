package wire_test

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"partline.dev/shared/wire"
)

// pack makes bytes out of what MessagePack's specification has in its diagrams:
// hexadecimal digits, with spaces where one likes, and 'text' for its bytes.
func pack(notation string) []byte {
	var b []byte
	for i, part := range strings.Split(notation, "'") {
		if i%2 == 1 {
			b = append(b, part...)
			continue
		}
		digits, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			panic(err)
		}
		b = append(b, digits...)
	}
	return b
}

// unpack decodes one record of MessagePack, of which nothing may be changed.
func unpack(t testing.TB, record []byte) (wire.Message, error) {
	t.Helper()
	m := usedMessage()
	kept := string(record)
	err := wire.MessagePack.Decode(record, &m)
	if string(record) != kept {
		t.Errorf("decoding changed the record to %x", record)
	}
	return m, err
}

// writePack is v as MessagePack.
func writePack[T any](t testing.TB, v T) ([]byte, error) {
	t.Helper()
	return wire.MessagePack.AppendValue(nil, planOf[T](t), reflect.ValueOf(v))
}

// readPack reads raw into a T that was not zero before, where into says so.
func readPack[T any](t testing.TB, raw []byte, into ...T) (T, error) {
	t.Helper()
	var v T
	if len(into) > 0 {
		v = into[0]
	}
	kept := string(raw)
	err := wire.MessagePack.ReadValue(raw, planOf[T](t), reflect.ValueOf(&v).Elem())
	if string(raw) != kept {
		t.Errorf("reading changed the value to %x", raw)
	}
	return v, err
}
