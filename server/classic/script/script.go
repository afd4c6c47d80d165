// Package script writes the JavaScript by which a page of jQuery SignalR 2 knows
// the hubs of an address, and serves it. A method that an API gains is in the
// script with no other edit.
//
//	mux.Handle("/signalr/hubs", script.Handler(script.Write([]*contract.API{chat.API}, "/signalr")))
//
// The script is for browsers of any age, from ECMAScript 3 on, and runs under a
// Content-Security-Policy without 'unsafe-eval'. It is plain ASCII, whatever the
// names in it.
//
// Concurrency: everything may be used from any goroutine. Nothing blocks.
package script

import (
	"bytes"
	_ "embed" // the script's frame
	"fmt"
	"slices"
	"strings"

	"partline.dev/shared/contract"
)

//go:embed template.js
var template string

// What stands before the hubs, between them and the base path, and after that.
var (
	head, afterHubs, _ = strings.Cut(template, "HUBS\n")
	middle, tail, _    = strings.Cut(afterHubs, "BASE")
)

// Write returns the script of the hubs of apis. BasePath is the address, as a
// page reaches it, that its connection uses: /signalr, without a slash at the
// end.
//
// Hubs and methods have the names that ASP.NET SignalR gives them: in camelCase,
// but for those that were chosen for the script itself (contract.ClassicName,
// contract.Verbatim). Of overloads there is one function, which passes on
// whatever it is given. Streams and methods with uploads are left out, since
// these clients know neither; a comment in the script names them.
func Write(apis []*contract.API, basePath string) []byte {
	hubs := make([]hub, len(apis))
	for i, api := range apis {
		hubs[i] = read(api)
	}
	slices.SortFunc(hubs, func(a, b hub) int { return strings.Compare(a.name, b.name) })
	var text bytes.Buffer
	text.WriteString(head)
	for _, h := range hubs {
		h.write(&text)
	}
	text.WriteString(middle + quote(basePath) + tail)
	return text.Bytes()
}

// Disabled returns the script of an address that shall have none: it says so to
// whoever loads it.
func Disabled() []byte {
	return []byte("throw new Error(\"SignalR: JavaScript Hub proxy generation has been disabled.\");\n")
}

// hub is what a script says of one hub.
type hub struct {
	name    string
	methods []method
	without []string // streams, and methods with uploads
}

// method is one function of a hub in a script.
type method struct {
	name  string // in the script
	calls *contract.Descriptor
}

// read is api as a script has it.
func read(api *contract.API) hub {
	h := hub{name: HubName(api.Hub())}
	for _, d := range api.Members() {
		switch {
		case d.Kind() == contract.KindStream, d.Kind() == contract.KindMethod && len(d.Uploads()) > 0:
			h.without = append(h.without, d.Name())
		case d.Kind() == contract.KindMethod:
			h.add(d)
		}
	}
	slices.SortFunc(h.methods, func(a, b method) int { return strings.Compare(a.name, b.name) })
	slices.Sort(h.without)
	return h
}

// add adds d, unless another overload of it is there that takes fewer arguments.
func (h *hub) add(d *contract.Descriptor) {
	m := method{name: methodName(d), calls: d}
	i := slices.IndexFunc(h.methods, func(o method) bool { return strings.EqualFold(o.calls.Name(), d.Name()) })
	switch {
	case i < 0:
		h.methods = append(h.methods, m)
	case len(d.Arguments()) < len(h.methods[i].calls.Arguments()):
		h.methods[i] = m
	}
}

// write writes the statement that adds the hub.
func (h hub) write(to *bytes.Buffer) {
	fmt.Fprintf(to, "        add(%s, [", quote(h.name))
	for i, m := range h.methods {
		if i > 0 {
			to.WriteByte(',')
		}
		fmt.Fprintf(to, "\n            [%s, %s]", quote(m.name), quote(m.calls.Name()))
	}
	if len(h.methods) > 0 {
		to.WriteString("\n        ")
	}
	to.WriteString("]);\n")
	for _, name := range h.without {
		fmt.Fprintf(to, "        // Not here, for it is a stream or has uploads: %s\n", quote(name))
	}
}
