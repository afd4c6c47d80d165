//go:build !js

package client_test

import (
	"encoding/json"
	"strconv"
	"strings"

	"partline.dev/shared/wire"
)

// stream is one that a client of the small hub sends.
type stream struct {
	id     string // of the call
	target string
	open   *int // how many streams of the call are
	total  *int
	factor int
	text   string
}

// actOnStreams does what the suite needs of testhub.
func (m *member) actOnStreams(in *wire.Message) {
	id, target := string(in.InvocationID), string(in.Target)
	var arguments []any
	_ = json.Unmarshal(in.Arguments, &arguments) // no arguments are none
	number := func(i int) int {
		n, _ := arguments[i].(float64)
		return int(n)
	}
	switch {
	case in.Kind == wire.StreamItem || in.Kind == wire.Completion && m.streams[id] != nil:
		if s := m.streams[id]; s != nil {
			m.takeItem(s, id, in)
		}
	case in.Kind == wire.Completion:
		call := strings.TrimPrefix(id, "s")
		if in.HasError {
			m.fail(call, "HubException: "+string(in.Error))
		} else {
			m.complete(call, string(in.Value))
		}
	case in.Kind == wire.CancelInvocation && m.names[id] != "":
		m.event("canceled", `"`+m.names[id]+`"`)
		m.complete(id, "")
	case target == "Count":
		for n := range number(1) {
			m.item(id, number(0)+n)
		}
		m.complete(id, "")
	case target == "Endless":
		m.names[id], _ = arguments[0].(string)
		for n := range 100 {
			m.item(id, n)
		}
	case target == "FailAfter":
		for n := range number(0) {
			m.item(id, n)
		}
		m.fail(id, "An error occurred on the server while streaming results. HubException: "+arguments[2].(string))
	case target == "Ask":
		m.write(wire.JSON.Append(nil, &wire.Message{
			Kind: wire.Invocation, InvocationID: []byte("s" + id), Target: []byte("answer"),
			Arguments: []byte(`["` + arguments[1].(string) + `"]`),
		}))
	case len(in.StreamIDs) > 0:
		open, total, factor := len(in.StreamIDs), 0, 1
		if len(arguments) > 0 {
			factor = number(0)
		}
		for _, stream1 := range in.StreamIDs {
			m.streams[stream1] = &stream{id: id, target: target, open: &open, total: &total, factor: factor}
		}
	default:
		m.fail(id, "no such call")
	}
}

// takeItem takes one item of a client's stream, or its end.
func (m *member) takeItem(s *stream, id string, in *wire.Message) {
	n, _ := strconv.Atoi(string(in.Value)) // zero where a text is meant
	text := strings.Trim(string(in.Value), `"`)
	switch {
	case in.Kind == wire.StreamItem && s.target == "First":
		delete(m.streams, id)
		m.complete(s.id, string(in.Value))
	case in.Kind == wire.StreamItem && s.target == "Double":
		m.item(s.id, 2*n)
	case in.Kind == wire.StreamItem:
		*s.total += n
		s.text += text
	case in.HasError:
		delete(m.streams, id)
		m.fail(s.id, "An unexpected error occurred invoking '"+s.target+"' on the server. HubException: "+string(in.Error))
	default:
		delete(m.streams, id)
		if *s.open--; *s.open > 0 {
			return
		}
		m.complete(s.id, map[string]string{
			"Concat": `"` + s.text + `"`, "Sum": strconv.Itoa(*s.total * s.factor), "Double": "",
		}[s.target])
	}
}

func (m *member) item(id string, n int) {
	m.write(wire.JSON.Append(nil, &wire.Message{Kind: wire.StreamItem, InvocationID: []byte(id), Value: []byte(strconv.Itoa(n))}))
}

func (m *member) event(target, argument string) {
	m.write(wire.JSON.Append(nil, &wire.Message{Kind: wire.Invocation, Target: []byte(target), Arguments: []byte("[" + argument + "]")}))
}
