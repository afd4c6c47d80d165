// Command room is a room for the tests of room.mjs: it does what it is told, and tells
// everybody what it was asked.
package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall/js"
	"time"
	"unsafe"
)

//go:wasmimport partline now
func now() float64

//go:wasmimport partline send
func send(sockets unsafe.Pointer, n, binary int32, message unsafe.Pointer, length int32)

// saying is a message that waits for flush.
type saying struct {
	to     []int32
	binary bool
	text   string
}

var (
	host    js.Value
	sockets []int32 // in the order of their numbers
	queue   []saying
	busy    bool
)

func main() {
	host = js.Global().Get("partlineRoom")
	if host.Get("config").Get("REFUSE").Type() == js.TypeString {
		return // it does not begin
	}
	host.Set("room", map[string]any{
		"restore": function(restore),
		"ask":     function(ask),
		"connect": function(connect),
		"message": function(message),
		"closed":  function(closed),
		"alarm":   function(func([]js.Value) any { say("alarm"); return true }),
		"resume":  function(func([]js.Value) any { say("resumed"); return true }),
		"flush":   function(flush),
	})
	say("begun")
	select {}
}

func function(f func([]js.Value) any) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any { return f(args) })
}

func say(format string, args ...any) {
	queue = append(queue, saying{text: fmt.Sprintf(format, args...)})
}

func add(socket int32) {
	sockets = append(sockets, socket)
	slices.Sort(sockets)
}

func remove(socket int32) {
	sockets = slices.DeleteFunc(sockets, func(s int32) bool { return s == socket })
}

func restore(args []js.Value) any {
	add(int32(args[0].Int()))
	say("restored %d %s", args[0].Int(), goBytes(args[1]))
	return true
}

func ask(args []js.Value) any {
	reply := fmt.Sprintf(`{"object":%q,"path":%q,"body":%q,"version":%q}`, host.Get("id").String(), args[0].String(), goBytes(args[1]), host.Get("config").Get("VERSION").String())
	return []any{201, jsBytes(reply)}
}

func connect(args []js.Value) any {
	socket, hub, token, origin := int32(args[0].Int()), args[1].String(), args[2].String(), args[3].String()
	if strings.HasSuffix(token, ".refused") {
		return []any{429, "too many", 7}
	}
	add(socket)
	host.Call("attach", socket, jsBytes(hub+" from "+origin))
	say("connected %d %s %s", socket, hub, origin)
	return js.Null()
}

// message is also a flush. What begins with a zero is answered in binary.
func message(args []js.Value) any {
	if !obey(int32(args[0].Int()), goBytes(args[1])[:args[2].Int()]) {
		return js.Undefined()
	}
	return flush(nil)
}

// obey does what a message says. It gives false if it shall look as if it had failed.
func obey(socket int32, text string) bool {
	if strings.HasPrefix(text, "\x00") {
		queue = append(queue, saying{binary: true, text: text})
		return true
	}
	verb, rest, _ := strings.Cut(text, " ")
	switch verb {
	case "close":
		remove(socket)
		host.Call("close", socket, 4001, rest)
		say("closed %d myself", socket)
	case "busy":
		busy = true
	case "rest":
		busy = false
	case "soon":
		host.Call("soon")
		host.Call("soon")
	case "alarm":
		host.Call("alarm", now()+100)
	case "attach":
		say("attach: %s", kind(host.Call("attach", socket, jsBytes(rest))))
	case "attachlong":
		say("attach: %s", kind(host.Call("attach", socket, jsBytes(strings.Repeat("x", 1<<16)))))
	case "put":
		key, value, _ := strings.Cut(rest, "=")
		say("put: %s", kind(host.Call("put", key, jsBytes(value))))
	case "putlong":
		say("put: %s", kind(host.Call("put", rest, jsBytes(strings.Repeat("x", 3<<20)))))
	case "get":
		say("get: %s", kind(host.Call("get", rest)))
	case "delete":
		say("delete: %s", kind(host.Call("delete", rest)))
	case "list":
		first, end, _ := strings.Cut(rest, " ")
		list := host.Call("list", first, end, 3)
		var all []string
		for i := range list.Length() {
			all = append(all, kind(list.Index(i)))
		}
		say("list: %s", strings.Join(all, " "))
	case "timer":
		go func() { time.Sleep(time.Millisecond) }()
	case "log":
		host.Call("log", "WARN", rest)
	case "to":
		queue = append(queue, saying{to: []int32{socket, 999}, text: rest})
	case "panic":
		panic("told to")
	case "nothing":
		return false
	default:
		say("%s", text)
	}
	return true
}

func closed(args []js.Value) any {
	remove(int32(args[0].Int()))
	say("left %d %d %v", args[0].Int(), args[1].Int(), args[2].Bool())
	return true
}

func flush([]js.Value) any {
	for _, s := range queue {
		to, binary := s.to, int32(0)
		if to == nil {
			to = sockets
		}
		if s.binary {
			binary = 1
		}
		text := []byte(s.text)
		send(unsafe.Pointer(unsafe.SliceData(to)), int32(len(to)), binary, unsafe.Pointer(unsafe.SliceData(text)), int32(len(text)))
	}
	queue = nil
	return busy
}

// kind is a value of JavaScript as the tests read it.
func kind(v js.Value) string {
	switch v.Type() {
	case js.TypeString:
		return "text " + v.String()
	case js.TypeObject:
		return "bytes " + goBytes(v)
	}
	return v.Type().String()
}

func jsBytes(s string) js.Value {
	array := js.Global().Get("Uint8Array").New(len(s))
	js.CopyBytesToJS(array, []byte(s))
	return array
}

func goBytes(v js.Value) string {
	b := make([]byte, v.Length())
	js.CopyBytesToGo(b, v)
	return string(b)
}
