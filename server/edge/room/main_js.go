//go:build js && wasm

package room

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"syscall/js"

	"partline.dev/server/edge/inside"
)

// Main is the whole of a room's program: it takes its options also from the variables
// of the Worker (see [Options.Configure]), and runs for as long as the object is in
// memory. What is wrong with the options is logged, and told nobody else.
func Main(o Options) {
	host := js.Global().Get("partlineRoom")
	config := host.Get("config")
	log := slog.New(&logHandler{host: host, level: level(config)})
	if o.Log == nil {
		o.Log = log
	}
	object := &object{host: host, id: host.Get("id").String()}
	err := o.Configure(func(name string) string {
		if v := config.Get(name); v.Type() == js.TypeString {
			return v.String()
		}
		return ""
	})
	var r *Room
	if err == nil {
		r, err = New(object, o)
	}
	if err != nil {
		log.Error("the room cannot begin", "error", err)
		host.Set("room", closedDoors(object))
	} else {
		host.Set("room", doors(r, log))
	}
	select {}
}

// doors are the functions that room.mjs calls. A panic in one of them would end the
// program without a word, so it is a log line, and room.mjs is told by undefined.
func doors(r *Room, log *slog.Logger) map[string]any {
	return map[string]any{
		"restore": door(log, func(args []js.Value) any {
			r.Restore(int32(args[0].Int()), bytesFromJS(args[1]))
			return true
		}),
		"ask": door(log, func(args []js.Value) any {
			status, reply := r.Ask(args[0].String(), bytesFromJS(args[1]))
			return []any{status, bytesToJS(reply)}
		}),
		"connect": door(log, func(args []js.Value) any {
			return refusalToJS(r.Connect(int32(args[0].Int()), Connecting{
				Hub: args[1].String(), Token: args[2].String(), Origin: args[3].String(),
			}))
		}),
		"message": door(log, func(args []js.Value) any {
			r.Message(int32(args[0].Int()), message(args[1], args[2].Int()))
			runtime.Gosched() // the handlers run, until all have ended or wait
			if !args[3].Truthy() {
				return true // more come, and a flush after them
			}
			return r.Flush() // in one call: most events are messages
		}),
		"closed": door(log, func(args []js.Value) any {
			r.Closed(int32(args[0].Int()), args[1].Int(), args[2].Truthy())
			return true
		}),
		"alarm":  door(log, func([]js.Value) any { r.Alarm(); return true }),
		"resume": door(log, func([]js.Value) any { r.Resume(); return true }),
		"flush":  door(log, func([]js.Value) any { return r.Flush() }),
	}
}

// closedDoors are those of a room that cannot begin: whoever is there may come back at
// once, and whoever comes is told to try later. Nothing is changed.
func closedDoors(o *object) map[string]any {
	later := &inside.Refusal{Status: inside.StatusServiceUnavailable, Text: "The server is being updated. Try again in a moment.", Retry: 5}
	nothing := door(slog.New(slog.DiscardHandler), func([]js.Value) any { return true })
	return map[string]any{
		"restore": door(slog.Default(), func(args []js.Value) any {
			o.Close(int32(args[0].Int()), codeRestart, "the room cannot begin")
			return true
		}),
		"ask": door(slog.Default(), func([]js.Value) any {
			reply, err := json.Marshal(later)
			if err != nil {
				panic(err) // it is made of strings
			}
			return []any{later.Status, bytesToJS(reply)}
		}),
		"connect": door(slog.Default(), func([]js.Value) any { return refusalToJS(later) }),
		"message": door(slog.Default(), func([]js.Value) any { return false }), "closed": nothing, "alarm": nothing, "resume": nothing,
		"flush": door(slog.Default(), func([]js.Value) any { return false }),
	}
}

func door(log *slog.Logger, f func(args []js.Value) any) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) (result any) {
		defer func() {
			if p := recover(); p != nil {
				log.Error("the room has failed", "panic", fmt.Sprint(p))
				result = js.Undefined()
			}
		}()
		return f(args)
	})
}

// message is the bytes of an array. That JavaScript says how many there are, and makes
// text to bytes, spares the way there and back, which costs more than the rest.
func message(array js.Value, length int) []byte {
	b := make([]byte, length)
	js.CopyBytesToGo(b, array)
	return b
}

// refusalToJS is null, or the status, text and seconds of r.
func refusalToJS(r *inside.Refusal) any {
	if r == nil {
		return js.Null()
	}
	return []any{r.Status, r.Text, r.Retry}
}
