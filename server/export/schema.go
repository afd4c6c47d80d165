package export

import (
	"math"
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// schemas writes JSON Schema (draft 7) of values and of hub messages.
type schemas struct {
	names    names
	declared bool // names of properties are as in Go
}

// invocation is the schema of a call or push.
func (s schemas) invocation(m *contract.Descriptor) object {
	kind := wire.Invocation
	if m.Kind() == contract.KindStream {
		kind = wire.StreamInvocation
	}
	items := []any{}
	for _, a := range m.Arguments() {
		item := s.of(a.Type)
		if _, isRef := item["$ref"]; !isRef {
			item["title"] = wire.JSONName(a.Name)
		}
		items = append(items, item)
	}
	arguments := object{"type": "array", "minItems": m.Required(), "maxItems": len(items)}
	if len(items) > 0 {
		arguments["items"] = items
	}
	properties := object{
		"type":      object{"const": kind},
		"target":    object{"const": m.Name()},
		"arguments": arguments,
	}
	required := []string{"type", "target", "arguments"}
	if m.Kind() != contract.KindEvent {
		properties["invocationId"] = object{"type": "string"}
	}
	if m.Kind() == contract.KindStream || m.Kind() == contract.KindQuery {
		required = append(required, "invocationId")
	}
	if n := len(m.Uploads()); n > 0 {
		properties["streamIds"] = object{"type": "array", "items": object{"type": "string"}, "minItems": n, "maxItems": n}
		required = append(required, "streamIds")
	}
	return object{"type": "object", "properties": properties, "required": required}
}

// item is the schema of one value of a stream or upload.
func (s schemas) item(t reflect.Type) object {
	return object{
		"type": "object",
		"properties": object{
			"type":         object{"const": wire.StreamItem},
			"invocationId": object{"type": "string"},
			"item":         s.of(t),
		},
		"required": []string{"type", "invocationId", "item"},
	}
}

// completion is the schema of the answer to m: what it asked for, or an error.
func (s schemas) completion(m *contract.Descriptor) object {
	properties := object{
		"type":         object{"const": wire.Completion},
		"invocationId": object{"type": "string"},
		"error":        object{"type": "string"},
	}
	ended := object{"not": object{"required": []string{"error"}}}
	if m.Kind() != contract.KindStream {
		properties["result"] = s.of(m.Response())
		ended["required"] = []string{"result"}
	}
	return object{
		"type":       "object",
		"properties": properties,
		"required":   []string{"type", "invocationId"},
		"oneOf":      []any{ended, object{"required": []string{"error"}, "not": object{"required": []string{"result"}}}},
	}
}

// uploadEnd is the schema of the end of an upload.
func (s schemas) uploadEnd() object {
	return object{
		"type": "object",
		"properties": object{
			"type":         object{"const": wire.Completion},
			"invocationId": object{"type": "string"},
			"error":        object{"type": "string"},
		},
		"required": []string{"type", "invocationId"},
	}
}

// declaration is the schema of a struct or enum that has a name.
func (s schemas) declaration(t reflect.Type) object {
	if formOf(t) == formStruct {
		return s.structure(t)
	}
	var numbers []int64
	var words []string
	for _, v := range valuesOf(t) {
		numbers = append(numbers, v.number)
		words = append(words, v.name)
	}
	return object{"type": "integer", "enum": numbers, "x-enum-varnames": words}
}

func (s schemas) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
	for field := range t.Fields() {
		name := field.Name
		if !s.declared {
			name = wire.JSONName(name)
		}
		properties[name] = s.of(field.Type)
		required = append(required, name)
	}
	return object{"type": "object", "properties": properties, "required": required}
}

// of is the schema of the values of t.
func (s schemas) of(t reflect.Type) object {
	switch formOf(t) {
	case formNone:
		return object{"type": "null"}
	case formBool:
		return object{"type": "boolean"}
	case formInteger:
		return integer(t)
	case formFloat:
		return object{"type": "number"}
	case formText:
		return object{"type": "string"}
	case formBytes:
		return object{"type": []string{"string", "null"}, "contentEncoding": "base64"}
	case formTime:
		return object{"type": "string", "format": "date-time"}
	case formJSON:
		return object{}
	case formPointer:
		return object{"anyOf": []any{s.of(t.Elem()), object{"type": "null"}}}
	case formList:
		return object{"type": []string{"array", "null"}, "items": s.of(t.Elem())}
	case formMap:
		return object{"type": []string{"object", "null"}, "additionalProperties": s.of(t.Elem())}
	}
	if name, ok := s.names[t]; ok {
		return object{"$ref": "#/components/schemas/" + name}
	}
	return s.structure(t)
}

// integer has bounds where a reader of JSON that knows only floats can hold them.
func integer(t reflect.Type) object {
	bits := t.Bits()
	if t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64 {
		if bits == 64 {
			return object{"type": "integer", "minimum": 0}
		}
		return object{"type": "integer", "minimum": 0, "maximum": uint64(math.MaxUint64) >> (64 - bits)}
	}
	if bits == 64 {
		return object{"type": "integer", "format": "int64"}
	}
	return object{"type": "integer", "minimum": int64(math.MinInt64) >> (64 - bits), "maximum": int64(math.MaxInt64) >> (64 - bits)}
}
