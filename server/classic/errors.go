package classic

import (
	"errors"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// The texts that SignalR's clients and their tests match, to the letter. Names
// stand in them as the client sent them.

func textUnknownHub(name string) string { return "'" + name + "' Hub could not be resolved." }

// textEnded is what the client of a connection hears that the server has ended.
const textEnded = "The connection was ended by the server."

func textInvocation(hubName, method string) string {
	return "There was an error invoking Hub method '" + hubName + "." + method + "'."
}

func textUnauthorized(hubName, method string) string {
	return "Caller is not authorized to invoke the " + method + " method on " + hubName + "."
}

// textUnknownMethod says that no method fits a call, and which there are of that
// name.
func textUnknownMethod(method string, candidates []*contract.Descriptor) string {
	text := "'" + method + "' method could not be resolved. "
	if len(candidates) == 0 {
		return text + "No method found with that name."
	}
	text += "Potential candidates are: "
	for _, d := range candidates {
		text += "\n" + signature(d)
	}
	return text
}

// fails is what the caller of a method hears of an answer that has an error.
// Without details it hears what the hub says to it, and of everything else only
// that the call failed.
func (h *Handler) fails(v invocation, answer hub.Answer) failure {
	if public := (*hub.Error)(nil); errors.As(answer.Err, &public) {
		return failure{text: public.Message, public: true, data: answer.Data}
	}
	if !h.options.DetailedErrors {
		return failure{text: textInvocation(v.hub, v.method)}
	}
	var arguments *hub.ArgumentsError
	switch {
	case errors.Is(answer.Err, hub.ErrUnknownMethod):
		return failure{text: textUnknownMethod(v.method, nil)}
	case errors.As(answer.Err, &arguments) && errors.Is(arguments.Err, wire.ErrCount):
		return failure{text: textUnknownMethod(v.method, arguments.Candidates)}
	case errors.Is(answer.Err, hub.ErrMethodUnauthorized), errors.Is(answer.Err, hub.ErrUnauthorized):
		return failure{text: textUnauthorized(v.hub, v.method)}
	}
	return failure{text: answer.Err.Error()}
}

// signature is a method as .NET would write it: "Send(name:String):Void".
func signature(d *contract.Descriptor) string {
	var b strings.Builder
	b.WriteString(d.Name())
	b.WriteByte('(')
	for i, a := range d.Arguments() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(lowerFirst(a.Name))
		b.WriteByte(':')
		b.WriteString(typeName(a.Type))
	}
	b.WriteString("):")
	b.WriteString(typeName(d.Response()))
	return b.String()
}

func lowerFirst(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(r)) + name[size:]
}

// typeNames are what .NET calls the types that it has too. An int is one to the
// people of either.
var typeNames = map[reflect.Kind]string{
	reflect.Bool: "Boolean", reflect.String: "String", reflect.Float32: "Single", reflect.Float64: "Double",
	reflect.Int8: "SByte", reflect.Int16: "Int16", reflect.Int32: "Int32", reflect.Int64: "Int64", reflect.Int: "Int32",
	reflect.Uint8: "Byte", reflect.Uint16: "UInt16", reflect.Uint32: "UInt32", reflect.Uint64: "UInt64", reflect.Uint: "UInt32",
}

// typeName is what .NET would call t.
func typeName(t reflect.Type) string {
	switch {
	case t == nil || t == reflect.TypeFor[contract.None]():
		return "Void"
	case t == reflect.TypeFor[time.Time]():
		return "DateTime"
	case t == reflect.TypeFor[contract.RawJSON]():
		return "Object"
	case t.Kind() == reflect.Pointer:
		return typeName(t.Elem())
	case t.Kind() == reflect.Slice:
		return typeName(t.Elem()) + "[]"
	case t.Kind() == reflect.Map:
		return "IDictionary`2"
	case t.PkgPath() == "" || t.Name() == "":
		if name := typeNames[t.Kind()]; name != "" {
			return name
		}
		return "Object"
	}
	return t.Name()
}
