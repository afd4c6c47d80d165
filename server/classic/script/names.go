package script

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"partline.dev/shared/contract"
)

// HubName is the name of h in a script, as in $.connection.chatHub.
func HubName(h *contract.Hub) string {
	if h.ExplicitClassicName() {
		return h.ClassicName()
	}
	return camelCase(h.ClassicName())
}

// methodName is the name of d among the functions of a hub's server.
func methodName(d *contract.Descriptor) string {
	if d.Verbatim() {
		return d.Name()
	}
	return camelCase(d.Name())
}

// CheckHub says why the client cannot have h among its hubs.
func CheckHub(h *contract.Hub) error {
	name := HubName(h)
	if slices.Contains(taken, name) || slices.Contains(inherited, strings.ToLower(name)) {
		return fmt.Errorf("hub %s: jQuery SignalR 2 has a $.connection.%s of its own; give the hub another name there, with contract.ClassicName", h.Name(), name)
	}
	return nil
}

// taken are the properties of $.signalR, which $.connection is too, that the
// client uses or that every function has. A hub of that name would replace them,
// or not be there.
var taken = []string{
	"_", "ajaxDefaults", "changeState", "connectionState", "fn", "hub", "isDisconnecting", "noConflict", "resources", "transports", "version",
	"apply", "arguments", "bind", "call", "caller", "length", "name", "prototype",
}

// inherited are what every object has: the client looks for hubs, in lower case,
// where it would find these.
var inherited = []string{"__proto__", "constructor"}

// camelCase lowers the first letter of each part between dots.
func camelCase(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		first, size := utf8.DecodeRuneInString(part)
		// Two names that differ in more than case must not become one.
		if low := string(unicode.ToLower(first)); strings.EqualFold(low, part[:size]) {
			parts[i] = low + part[size:]
		}
	}
	return strings.Join(parts, ".")
}

// quote is s as a string of JavaScript that stands in a script, in a comment up to
// the end of the line or in a page as it is: nothing in it ends a line, a comment
// or an element.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r > 0x7e || strings.ContainsRune("<>&'", r):
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
