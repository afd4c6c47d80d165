package wire_test

import (
	"reflect"
	"testing"

	"partline.dev/shared/wire"
)

// planOf is the plan of T, which must have one.
func planOf[T any](t testing.TB) *wire.Plan {
	t.Helper()
	p, err := wire.PlanOf(reflect.TypeFor[T]())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// write is v as JSON.
func write[T any](t testing.TB, v T) (string, error) {
	t.Helper()
	b, err := wire.JSON.AppendValue(nil, planOf[T](t), reflect.ValueOf(v))
	return string(b), err
}

// read reads raw into a T that was not zero before, where into says so.
func read[T any](t testing.TB, raw string, into ...T) (T, error) {
	t.Helper()
	var v T
	if len(into) > 0 {
		v = into[0]
	}
	err := wire.JSON.ReadValue([]byte(raw), planOf[T](t), reflect.ValueOf(&v).Elem())
	return v, err
}

// decode decodes one record, of which nothing may be changed.
func decode(t testing.TB, record string) (wire.Message, error) {
	t.Helper()
	m := usedMessage()
	b := []byte(record)
	err := wire.JSON.Decode(b, &m)
	if string(b) != record {
		t.Errorf("decoding changed the record to %q", b)
	}
	return m, err
}

func reflectOf(v any) reflect.Value { return reflect.ValueOf(v) }

func settable(pointer any) reflect.Value { return reflect.ValueOf(pointer).Elem() }

// usedMessage is what a message may be before it is decoded into: what was there
// must not show through.
func usedMessage() wire.Message {
	return wire.Message{
		Kind: wire.Close, InvocationID: []byte("old"), Hub: []byte("old"), Target: []byte("old"), Arguments: []byte("[0]"), ArgumentCount: 1,
		StreamIDs: []string{"old"}, Value: []byte("0"), Error: []byte("old"), HasError: true, AllowReconnect: true, SequenceID: 9,
	}
}
