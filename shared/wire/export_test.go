package wire

import "reflect"

// AppendDeclared and ReadDeclared are the writer and the reader with names as
// declared, which classic SignalR's JSON has.
func AppendDeclared(dst []byte, p *Plan, v reflect.Value) ([]byte, error) {
	return jsonWriter{asDeclared}.value(dst, p, v, 1)
}

func ReadDeclared(raw []byte, p *Plan, v reflect.Value) error {
	r := jsonReader{scanner{data: raw}, asDeclared}
	return r.whole(p, v)
}
