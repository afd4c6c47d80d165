package export

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"partline.dev/shared/wire"
)

// typeOf is t in TypeScript.
func (w *typeScript) typeOf(t reflect.Type) string {
	f := formOf(t)
	typ := w.presentType(t, f)
	if f.nullable() && !strings.HasSuffix(typ, "| null") {
		return typ + " | null"
	}
	return typ
}

// presentType is the type of what is not null.
func (w *typeScript) presentType(t reflect.Type, f form) string {
	switch f {
	case formNone:
		return "null"
	case formBool:
		return "boolean"
	case formInteger, formFloat:
		return "number"
	case formText:
		return "string"
	case formBytes:
		return w.either("string", "Uint8Array")
	case formTime:
		return w.either("string", "Date")
	case formJSON:
		return "unknown"
	case formPointer:
		return w.typeOf(t.Elem())
	case formList:
		elem := w.typeOf(t.Elem())
		if strings.Contains(elem, " ") {
			elem = "(" + elem + ")"
		}
		return elem + "[]"
	case formMap:
		return "{ [key: string]: " + w.typeOf(t.Elem()) + " }"
	}
	if name, ok := w.names[t]; ok {
		return name
	}
	var fields []string
	for field := range t.Fields() {
		fields = append(fields, w.property(field))
	}
	if len(fields) == 0 {
		return "{}"
	}
	return "{ " + strings.Join(fields, "; ") + " }"
}

// either is what the protocol of the typings has.
func (w *typeScript) either(json, pack string) string {
	if w.pack {
		return pack
	}
	return json
}

func (w *typeScript) property(field reflect.StructField) string {
	name := field.Name
	if !w.declared {
		name = wire.JSONName(name)
	}
	return key(name) + ": " + w.typeOf(field.Type)
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// key is a property's name, in quotes where it needs them.
func key(name string) string {
	if identifier.MatchString(name) {
		return name
	}
	return quoted(name)
}

// reserved are the words that no parameter can be called.
var reserved = []string{
	"arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do",
	"else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import", "in",
	"instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return", "static",
	"super", "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while", "with", "yield",
}

func parameterName(label string) string {
	if slices.Contains(reserved, label) {
		return label + "_"
	}
	return label
}

// comment is text that does not end the comment it stands in.
func comment(text string) string { return strings.ReplaceAll(text, "*/", "* /") }
