package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"partline.dev/internal/process"
	"partline.dev/shared/contract"
	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
)

// protocolJob is what messagepack.mjs reads, protocolAnswer what it writes.
type protocolJob struct {
	Messages []json.RawMessage `json:"messages,omitempty"`
	Frames   [][]byte          `json:"frames,omitempty"`
	Values   []string          `json:"values,omitempty"`
}

type protocolAnswer struct {
	Messages [][]byte            `json:"messages"`
	Frames   [][]json.RawMessage `json:"frames"`
	Values   []struct {
		Frame []byte `json:"frame"`
		JSON  string `json:"json"`
	} `json:"values"`
}

// askProtocol has the npm client's protocol object do a job.
func askProtocol(t *testing.T, job protocolJob) protocolAnswer {
	t.Helper()
	fromNPM(t, "@microsoft", "signalr-protocol-msgpack", "package.json") // says what is missing
	in, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := process.Command(ctx, time.Second, "node", "messagepack.mjs")
	cmd.Dir = "npm"
	cmd.Stdin = bytes.NewReader(in)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, complaint.Bytes())
	}
	var answer protocolAnswer
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("node wrote %q: %v", out, err)
	}
	return answer
}

// packed is a JSON value in MessagePack.
func packed(t *testing.T, text string) []byte {
	t.Helper()
	raw := contract.RawJSON(text)
	plan, err := wire.PlanOf(reflect.TypeFor[contract.RawJSON]())
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.MessagePack.AppendValue(nil, plan, reflect.ValueOf(raw))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// unframed is the one message of a frame.
func unframed(t *testing.T, frame []byte) wire.Message {
	t.Helper()
	msg, rest, err := wire.MessagePack.Split(frame, len(frame))
	var m wire.Message
	if err == nil {
		err = wire.MessagePack.Decode(msg, &m)
	}
	if err != nil || msg == nil || len(rest) > 0 {
		t.Fatalf("%x is not one message: %v", frame, err)
	}
	return m
}

// What the npm client writes we read, and write in the same bytes unless said.
func TestMessagePack_whatTheNPMClientWrites(t *testing.T) {
	args := packed(t, `["a",{"b":[1,2.5,null,true]}]`)
	cases := []struct {
		theirs string
		want   wire.Message
		other  bool // we write it otherwise
	}{
		{`{"type":1,"target":"Send","arguments":["a",{"b":[1,2.5,null,true]}],"streamIds":[]}`,
			wire.Message{Kind: wire.Invocation, Target: []byte("Send"), Arguments: args, ArgumentCount: 2}, false},
		{`{"type":1,"invocationId":"17","target":"Größe","arguments":[]}`,
			wire.Message{Kind: wire.Invocation, InvocationID: []byte("17"), Target: []byte("Größe"), Arguments: packed(t, `[]`)}, true},
		{`{"type":1,"invocationId":"1","target":"up","arguments":[],"streamIds":["2","3"],"headers":{"x":"y"}}`,
			wire.Message{Kind: wire.Invocation, InvocationID: []byte("1"), Target: []byte("up"), Arguments: packed(t, `[]`), StreamIDs: []string{"2", "3"}, Headers: []wire.Header{{Name: "x", Value: "y"}}}, false},
		{`{"type":4,"invocationId":"1","target":"Replay","arguments":[5],"streamIds":["2"]}`,
			wire.Message{Kind: wire.StreamInvocation, InvocationID: []byte("1"), Target: []byte("Replay"), Arguments: packed(t, `[5]`), ArgumentCount: 1, StreamIDs: []string{"2"}}, false},
		{`{"type":2,"invocationId":"1","item":{"a":1}}`, wire.Message{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: packed(t, `{"a":1}`)}, false},
		{`{"type":3,"invocationId":"s1","error":"no way"}`, wire.Message{Kind: wire.Completion, InvocationID: []byte("s1"), HasError: true, Error: []byte("no way")}, false},
		{`{"type":3,"invocationId":"s1","result":null}`, wire.Message{Kind: wire.Completion, InvocationID: []byte("s1"), Value: packed(t, `null`)}, false},
		{`{"type":3,"invocationId":"s1","result":[1]}`, wire.Message{Kind: wire.Completion, InvocationID: []byte("s1"), Value: packed(t, `[1]`)}, false},
		{`{"type":3,"invocationId":"2"}`, wire.Message{Kind: wire.Completion, InvocationID: []byte("2")}, false},
		{`{"type":5,"invocationId":"1"}`, wire.Message{Kind: wire.CancelInvocation, InvocationID: []byte("1")}, false},
		{`{"type":6}`, wire.Message{Kind: wire.Ping}, false},
		{`{"type":7}`, wire.Message{Kind: wire.Close}, true},
		{`{"type":8,"sequenceId":4294967296}`, wire.Message{Kind: wire.Ack, SequenceID: 1 << 32}, false},
		{`{"type":9,"sequenceId":1}`, wire.Message{Kind: wire.Sequence, SequenceID: 1}, false},
	}
	var job protocolJob
	for _, c := range cases {
		job.Messages = append(job.Messages, json.RawMessage(c.theirs))
	}
	for i, frame := range askProtocol(t, job).Messages {
		c := cases[i]
		if m := unframed(t, frame); !reflect.DeepEqual(m, c.want) {
			t.Errorf("%s is %x to them and %+v to us, want %+v", c.theirs, frame, m, c.want)
		}
		if ours := wire.MessagePack.Append(nil, &c.want); !c.other && !bytes.Equal(ours, frame) {
			t.Errorf("%s is %x to them and %x from us", c.theirs, frame, ours)
		}
	}
}

// What we write the npm client reads. (It knows no stream invocation and no
// cancel: those only it sends.)
func TestMessagePack_whatTheNPMClientReads(t *testing.T) {
	cases := []struct {
		ours wire.Message
		want string
	}{
		{wire.Message{Kind: wire.Invocation, Target: []byte("said"), Arguments: packed(t, `["a",1]`)}, `{"arguments":["a",1],"headers":{},"streamIds":[],"target":"said","type":1}`},
		{wire.Message{Kind: wire.Invocation, InvocationID: []byte("s1"), Target: []byte("ask"), Arguments: packed(t, `[]`)},
			`{"arguments":[],"headers":{},"invocationId":"s1","streamIds":[],"target":"ask","type":1}`},
		{wire.Message{Kind: wire.Invocation, Target: []byte("said"), Headers: []wire.Header{{Name: "from-id", Value: "ann"}, {Name: "from-name", Value: "Größe"}}},
			`{"arguments":[],"headers":{"from-id":"ann","from-name":"Größe"},"streamIds":[],"target":"said","type":1}`},
		{wire.Message{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: packed(t, `null`)}, `{"headers":{},"invocationId":"1","item":null,"type":2}`},
		{wire.Message{Kind: wire.Completion, InvocationID: []byte("1")}, `{"headers":{},"invocationId":"1","type":3}`},
		{wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), Value: packed(t, `null`)}, `{"headers":{},"invocationId":"1","result":null,"type":3}`},
		{wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), Value: packed(t, `{"a":[1.5]}`)}, `{"headers":{},"invocationId":"1","result":{"a":[1.5]},"type":3}`},
		{wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), HasError: true, Error: []byte("no")}, `{"error":"no","headers":{},"invocationId":"1","type":3}`},
		{wire.Message{Kind: wire.Ping}, `{"type":6}`},
		{wire.Message{Kind: wire.Close}, `{"allowReconnect":false,"error":null,"type":7}`},
		{wire.Message{Kind: wire.Close, HasError: true, Error: []byte("later"), AllowReconnect: true}, `{"allowReconnect":true,"error":"later","type":7}`},
		{wire.Message{Kind: wire.Ack, SequenceID: 1 << 40}, `{"sequenceId":1099511627776,"type":8}`},
		{wire.Message{Kind: wire.Sequence, SequenceID: 394}, `{"sequenceId":394,"type":9}`},
		{wire.Message{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: packed(t, `"`+strings.Repeat("x", 70_000)+`"`)},
			`{"headers":{},"invocationId":"1","item":"` + strings.Repeat("x", 70_000) + `","type":2}`},
	}
	var job protocolJob
	var all []byte
	for _, c := range cases {
		frame := wire.MessagePack.Append(nil, &c.ours)
		job.Frames = append(job.Frames, frame)
		all = append(all, frame...)
	}
	job.Frames = append(job.Frames, all) // and all of them in one chunk
	answer := askProtocol(t, job)
	for i, c := range cases {
		for _, got := range [][]json.RawMessage{answer.Frames[i], answer.Frames[len(cases)][i : i+1]} {
			if len(got) != 1 || string(got[0]) != c.want {
				t.Errorf("%.200x is to them %.200s, want %.200s", job.Frames[i], got, c.want)
			}
		}
	}
}

// One table of values: JavaScript's is ours, in the same bytes unless said, and
// ours is JavaScript's.
func TestMessagePack_valuesOfTheNPMClient(t *testing.T) {
	cases := []struct {
		theirs string
		ours   any
		other  bool // we write it otherwise, since its Go type says more
	}{
		{"true", true, false}, {"false", false, false}, {"null", (*int)(nil), false}, {"undefined", contract.None{}, false},
		{"0", 0, false}, {"127", int8(127), false}, {"128", 128, false}, {"255", uint8(255), false}, {"256", 256, false}, {"65535", 65535, false},
		{"65536", 65536, false}, {"4294967295", uint32(1<<32 - 1), false}, {"4294967296", 1 << 32, false}, {"2**53-1", int64(1<<53 - 1), false},
		{"-1", -1, false}, {"-32", -32, false}, {"-33", -33, false}, {"-128", int8(-128), false}, {"-129", -129, false}, {"-32768", int16(-32768), false},
		{"-32769", -32769, false}, {"-(2**31)", -1 << 31, false}, {"-(2**31)-1", -1<<31 - 1, false}, {"-(2**53-1)", int64(-(1<<53 - 1)), false},
		{"0.1", 0.1, false}, {"-1e-9", -1e-9, false}, {"1e300", 1e300, false}, {"2", 2.0, true}, {"0.5", float32(0.5), true}, {"2**53", float64(1 << 53), false},
		{`""`, "", false}, {`"Größe 🙂"`, "Größe 🙂", false}, {`"x".repeat(31)`, strings.Repeat("x", 31), false}, {`"x".repeat(32)`, strings.Repeat("x", 32), false},
		{`"x".repeat(255)`, strings.Repeat("x", 255), false}, {`"x".repeat(256)`, strings.Repeat("x", 256), false}, {`"x".repeat(65536)`, strings.Repeat("x", 65536), false},
		{"new Uint8Array([0,255])", []byte{0, 255}, false}, {"new Uint8Array(256)", make([]byte, 256), false}, {"new Uint8Array(65536)", make([]byte, 65536), false},
		{"new Date(0)", time.Unix(0, 0).UTC(), false}, {"new Date(1500)", time.Unix(1, 500e6).UTC(), false}, {"new Date(-500)", time.Unix(-1, 500e6).UTC(), false},
		{"new Date(Date.UTC(2106,1,7,6,28,16))", time.Unix(1<<32, 0).UTC(), false}, {"new Date(Date.UTC(9999,11,31))", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), false},
		{`"2026-02-28T13:05:06.007Z"`, time.Date(2026, 2, 28, 13, 5, 6, 7e6, time.UTC), true},
		{"[]", []int{}, false}, {"[1,2,3]", []int{1, 2, 3}, false}, {"Array(16).fill(0)", make([]int, 16), false}, {"Array(65536).fill(0)", make([]int, 65536), false},
		{`({"":1,"a":2})`, map[string]int{"": 1, "a": 2}, false}, {`({Name:"n",X:1,Y:-2})`, testhub.Place{Name: "n", X: 1, Y: -2}, false},
		{`({y:-2,name:"n",x:1,z:{more:[1]}})`, testhub.Place{Name: "n", X: 1, Y: -2}, true},
		{`"Green"`, testhub.Green, false}, {`"green"`, testhub.Green, true}, {`1`, testhub.Green, true}, {`3`, testhub.Level(3), false},
		{`({a:[1,-2.5,"x",null,true,{}]})`, contract.RawJSON(`{"a":[1,-2.5,"x",null,true,{}]}`), false},
	}
	var job protocolJob
	for _, c := range cases {
		job.Values = append(job.Values, c.theirs)
		p, err := wire.PlanOf(reflect.TypeOf(c.ours))
		if err != nil {
			t.Fatal(err)
		}
		value, err := wire.MessagePack.AppendValue(nil, p, reflect.ValueOf(c.ours))
		if err != nil {
			t.Fatal(err)
		}
		job.Frames = append(job.Frames, wire.MessagePack.Append(nil, &wire.Message{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: value}))
	}
	answer := askProtocol(t, job)
	for i, c := range cases {
		p, err := wire.PlanOf(reflect.TypeOf(c.ours))
		if err != nil {
			t.Fatal(err)
		}
		theirs := answer.Values[i]
		got := reflect.New(p.Type())
		if err := wire.MessagePack.ReadValue(unframed(t, theirs.Frame).Value, p, got.Elem()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), c.ours) {
			t.Errorf("%s is %.60v to us, %v, want %.60v", c.theirs, got.Elem(), err, c.ours)
		}
		if c.other {
			continue
		}
		if !bytes.Equal(theirs.Frame, job.Frames[i]) {
			t.Errorf("%s is %.60x to them and %.60x from us", c.theirs, theirs.Frame, job.Frames[i])
		}
		var read struct{ Item json.RawMessage }
		if err := json.Unmarshal(answer.Frames[i][0], &read); err != nil || string(read.Item) != theirs.JSON && theirs.JSON != "" {
			t.Errorf("what we write for %s is %.60s to them, %v", c.theirs, read.Item, err)
		}
	}
}
