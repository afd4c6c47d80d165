package export

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"partline.dev/shared/contract"
)

// TypeScriptOptions says for which clients the typings are. Nil and the zero
// value are the defaults.
type TypeScriptOptions struct {
	// MessagePack makes typings for clients that use the package
	// @microsoft/signalr-protocol-msgpack. Values look different there: names of
	// properties are as declared, enums are their names, bytes are a Uint8Array
	// and times a Date. False: for the JSON protocol.
	MessagePack bool

	// NamesAsDeclared is for hubs whose server.Mount says so: names of properties
	// are as declared in JSON too. False: in camelCase.
	NamesAsDeclared bool
}

// TypeScript writes typings of the APIs for the npm client @microsoft/signalr,
// as one module of types without any code. For each hub it has an interface that
// a HubConnection is assigned to, and through which names, arguments and results
// are checked:
//
//	const chat: ChatConnection = new HubConnectionBuilder().withUrl("/hubs/chat").build();
//	const receipt = await chat.invoke("Post", "go", { text: "hello" });
//
// Upload streams are arguments too, as the client takes them: a Subject. Optional
// arguments come last. What can be null when it arrives (slices, maps, bytes and
// pointers) may be null in the types. Names are as the contract has them, though
// the hub takes them in any case. What a method reports as progress is left out,
// since these clients do not hear it; a comment says so.
//
// It gives an error of wire.CheckAPI, or says that two hubs would have one name.
func TypeScript(to io.Writer, o *TypeScriptOptions, apis ...*contract.API) error {
	if err := check(apis); err != nil {
		return err
	}
	w := typeScript{}
	if o != nil {
		w.pack, w.declared = o.MessagePack, o.MessagePack || o.NamesAsDeclared
	}
	taken := slices.Clone(typeScriptWords)
	for _, a := range apis {
		id := hubName(a.Hub())
		taken = append(taken, id+"Methods", id+"Streams", id+"Handlers", id+"Connection")
	}
	types := namedTypes(apis)
	w.names = newNames(types, taken)
	w.head(apis)
	for _, a := range apis {
		w.api(a)
	}
	for _, t := range types {
		w.declaration(t)
	}
	_, err := io.WriteString(to, w.text.String())
	return err
}

// typeScriptWords are what the typings mention and a type of theirs must not be
// called, with the names that TypeScript keeps for itself.
var typeScriptWords = []string{
	"HubConnection", "IStreamResult", "Omit", "Parameters", "ReturnType", "Promise", "Date", "Uint8Array", "Record",
	"any", "unknown", "never", "void", "null", "undefined", "string", "number", "boolean", "bigint", "symbol", "object",
}

// typeScript writes typings.
type typeScript struct {
	text  strings.Builder
	names names
	pack  bool

	declared bool // names of properties are as in Go
}

func (w *typeScript) line(format string, a ...any) { fmt.Fprintf(&w.text, format+"\n", a...) }

func (w *typeScript) head(apis []*contract.API) {
	var hubs []string
	uploads, streams := false, false
	for _, a := range apis {
		hubs = append(hubs, a.Hub().Name())
		for _, d := range a.Members() {
			uploads = uploads || len(d.Uploads()) > 0
			streams = streams || d.Kind() == contract.KindStream
		}
	}
	protocol := "JSON"
	if w.pack {
		protocol = "MessagePack"
	}
	w.line("// Typings for @microsoft/signalr with the %s protocol, of the hubs: %s.", protocol, strings.Join(hubs, ", "))
	w.line("// Made from the contract by Partline: make it anew instead of changing it.")
	w.line("// JavaScript rounds integers beyond 2^53.")
	imports := "HubConnection"
	if uploads || streams {
		imports += ", IStreamResult"
	}
	w.line("\nimport type { %s } from \"@microsoft/signalr\";", imports)
}

// api writes what one hub has.
func (w *typeScript) api(a *contract.API) {
	id := hubName(a.Hub())
	var methods, overloads, streams, handlers []*contract.Descriptor
	for _, d := range a.Members() {
		switch d.Kind() {
		case contract.KindMethod:
			if overloaded(a, d) {
				overloads = append(overloads, d)
			} else {
				methods = append(methods, d)
			}
		case contract.KindStream:
			streams = append(streams, d)
		default:
			handlers = append(handlers, d)
		}
	}
	w.members("What the hub "+a.Hub().Name()+" can be asked.", id+"Methods", methods)
	w.members("What the hub "+a.Hub().Name()+" answers with many values; the result is the type of one.", id+"Streams", streams)
	w.members("What the hub "+a.Hub().Name()+" calls in the client. What returns a value has to answer with it.", id+"Handlers", handlers)

	w.line("\n/** A HubConnection to the hub %s. */", a.Hub().Name())
	w.line(`export interface %sConnection extends Omit<HubConnection, "invoke" | "send" | "stream" | "on" | "off"> {`, id)
	if len(methods) > 0 {
		w.line("  invoke<M extends keyof %[1]sMethods>(methodName: M, ...args: Parameters<%[1]sMethods[M]>): Promise<ReturnType<%[1]sMethods[M]>>;", id)
		w.line("  send<M extends keyof %[1]sMethods>(methodName: M, ...args: Parameters<%[1]sMethods[M]>): Promise<void>;", id)
	}
	for _, d := range overloads {
		parameters := w.parameters(d)
		if parameters != "" {
			parameters = ", " + parameters
		}
		w.progress(d)
		w.line("  invoke(methodName: %s%s): Promise<%s>;", quoted(d.Name()), parameters, w.result(d))
		w.line("  send(methodName: %s%s): Promise<void>;", quoted(d.Name()), parameters)
	}
	if len(streams) > 0 {
		w.line("  stream<S extends keyof %[1]sStreams>(methodName: S, ...args: Parameters<%[1]sStreams[S]>): IStreamResult<ReturnType<%[1]sStreams[S]>>;", id)
	}
	if len(handlers) > 0 {
		w.line("  on<E extends keyof %[1]sHandlers>(methodName: E, newMethod: %[1]sHandlers[E]): void;", id)
		w.line("  off<E extends keyof %[1]sHandlers>(methodName: E, method?: %[1]sHandlers[E]): void;", id)
	}
	w.line("}")
}

// overloaded tells whether another method of a has d's name.
func overloaded(a *contract.API, d *contract.Descriptor) bool {
	return slices.ContainsFunc(a.Members(), func(e *contract.Descriptor) bool {
		return e != d && e.Kind() == d.Kind() && strings.EqualFold(e.Name(), d.Name())
	})
}

// members writes an interface with a function for each of the members.
func (w *typeScript) members(says, name string, members []*contract.Descriptor) {
	if len(members) == 0 {
		return
	}
	w.line("\n/** %s */", says)
	w.line("export interface %s {", name)
	for _, d := range members {
		result := w.result(d)
		if d.Kind() == contract.KindQuery {
			result += " | Promise<" + result + ">"
		}
		w.progress(d)
		w.line("  %s: (%s) => %s;", key(d.Name()), w.parameters(d), result)
	}
	w.line("}")
}

// progress says of a method that reports progress that these clients do not hear
// it: they have no way to.
func (w *typeScript) progress(d *contract.Descriptor) {
	if d.Progress() != nil {
		w.line("  /** It reports progress, which only clients of jQuery SignalR 2 hear. */")
	}
}

// parameters are the arguments and uploads of d. Uploads are bound by their own
// order, so those that are declared after an optional argument come before it.
func (w *typeScript) parameters(d *contract.Descriptor) string {
	upload := map[int]bool{}
	for _, u := range d.Uploads() {
		upload[u.Index] = true
	}
	all := append(d.Arguments(), d.Uploads()...)
	slices.SortFunc(all, func(a, b contract.Argument) int {
		if a.Optional != b.Optional {
			return map[bool]int{false: -1, true: 1}[a.Optional]
		}
		return cmp.Compare(a.Index, b.Index)
	})
	var list []string
	for i, label := range labels(all) {
		a, optional := all[i], ""
		if a.Optional {
			optional = "?"
		}
		typ := w.typeOf(a.Type)
		if upload[a.Index] {
			typ = "IStreamResult<" + typ + ">"
		}
		list = append(list, parameterName(label)+optional+": "+typ)
	}
	return strings.Join(list, ", ")
}

// result is the type of what d is answered with.
func (w *typeScript) result(d *contract.Descriptor) string {
	if d.Response() == nil || isNone(d.Response()) && d.Kind() == contract.KindMethod {
		return "void"
	}
	return w.typeOf(d.Response())
}

// declaration writes a struct or enum that has a name.
func (w *typeScript) declaration(t reflect.Type) {
	name := w.names[t]
	if formOf(t) == formStruct {
		w.line("\nexport interface %s {", name)
		for field := range t.Fields() {
			w.line("  %s;", w.property(field))
		}
		w.line("}")
		return
	}
	var words, members []string
	for _, v := range valuesOf(t) {
		words = append(words, fmt.Sprintf("%s is %d", v.name, v.number))
		if w.pack {
			members = append(members, quoted(v.name))
		} else {
			members = append(members, fmt.Sprint(v.number))
		}
	}
	w.line("\n/** %s. */", comment(strings.Join(words, ", ")))
	w.line("export type %s = %s;", name, strings.Join(members, " | "))
}
