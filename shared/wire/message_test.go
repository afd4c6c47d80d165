package wire_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"partline.dev/shared/wire"
)

var update = flag.Bool("update", false, "write golden files anew")

// messages has every form of every kind.
var messages = []struct {
	name string
	all  []wire.Message
}{
	{"invocation", []wire.Message{
		{Kind: wire.Invocation, Target: []byte("Send"), Arguments: []byte(`[]`)},
		{Kind: wire.Invocation, Target: []byte("Send"), Arguments: []byte(`["a",{"b":[1,2]}]`), ArgumentCount: 2},
		{Kind: wire.Invocation, InvocationID: []byte("17"), Target: []byte("Größe \"\x1e"), Arguments: []byte(`[null]`), ArgumentCount: 1},
		{Kind: wire.Invocation, InvocationID: []byte("s1"), Target: []byte("up"), Arguments: []byte(`[]`), StreamIDs: []string{"1", "\"2\""}},
	}},
	{"headers", []wire.Message{
		{Kind: wire.Invocation, Target: []byte("heard"), Arguments: []byte(`[]`), Headers: []wire.Header{{"from-id", "ann"}}},
		{Kind: wire.Invocation, InvocationID: []byte("17"), Target: []byte("ask"), Arguments: []byte(`[]`), Headers: []wire.Header{
			{"from-name", "Ann \"\x1e\" Größe"}, {"from-guest", "true"}, {"from-guest", ""},
		}},
	}},
	{"stream_item", []wire.Message{
		{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: []byte(`{"a":1}`)},
		{Kind: wire.StreamItem, InvocationID: []byte("1"), Value: []byte(`null`)},
	}},
	{"completion", []wire.Message{
		{Kind: wire.Completion, InvocationID: []byte("1")},
		{Kind: wire.Completion, InvocationID: []byte("1"), Value: []byte(`null`)},
		{Kind: wire.Completion, InvocationID: []byte("1"), Value: []byte(`[1]`)},
		{Kind: wire.Completion, InvocationID: []byte("1"), HasError: true, Error: []byte("no\nway")},
		{Kind: wire.Completion, InvocationID: []byte("1"), HasError: true, Error: []byte{}},
	}},
	{"stream_invocation", []wire.Message{
		{Kind: wire.StreamInvocation, InvocationID: []byte("2"), Target: []byte("Replay"), Arguments: []byte(`[1]`), ArgumentCount: 1},
		{Kind: wire.StreamInvocation, InvocationID: []byte("2"), Target: []byte("Both"), Arguments: []byte(`[]`), StreamIDs: []string{"3"}},
	}},
	{"cancel_invocation", []wire.Message{{Kind: wire.CancelInvocation, InvocationID: []byte("2")}}},
	{"ping", []wire.Message{{Kind: wire.Ping}}},
	{"close", []wire.Message{
		{Kind: wire.Close},
		{Kind: wire.Close, AllowReconnect: true},
		{Kind: wire.Close, HasError: true, Error: []byte("Connection closed with an error.")},
		{Kind: wire.Close, HasError: true, Error: []byte("later"), AllowReconnect: true},
	}},
	{"ack", []wire.Message{{Kind: wire.Ack}, {Kind: wire.Ack, SequenceID: 1<<63 - 1}}},
	{"sequence", []wire.Message{{Kind: wire.Sequence, SequenceID: 394}}},
}

func TestMessages_golden(t *testing.T) {
	for _, c := range messages {
		t.Run(c.name, func(t *testing.T) {
			var got []byte
			for _, m := range c.all {
				// JSON allows a line end before a record, so the file is a stream.
				got = append(wire.JSON.Append(got, &m), '\n')
			}
			file := filepath.Join("testdata", "json_"+c.name+".golden")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("wrote\n%s\nwant, by %s,\n%s", got, file, want)
			}
			for _, m := range c.all {
				var record []byte
				if record, want, err = wire.JSON.Split(want, 1000); err != nil || record == nil {
					t.Fatalf("no record for %+v: %v", m, err)
				}
				if back, err := decode(t, string(record)); err != nil || !reflect.DeepEqual(back, m) {
					t.Errorf("%s is %+v, %v\nwant %+v", record, back, err, m)
				}
			}
		})
	}
}

func TestAppend_whatIsAbsent(t *testing.T) {
	for want, m := range map[string]wire.Message{
		`{"type":1,"target":"t","arguments":[]}`:    {Kind: wire.Invocation, Hub: []byte("only SignalR 2 writes it"), Target: []byte("t")},
		`{"type":2,"invocationId":"1","item":null}`: {Kind: wire.StreamItem, InvocationID: []byte("1")},
		`{"type":6}`: {Kind: wire.Ping, InvocationID: []byte("1"), Target: []byte("t"), Value: []byte("1"), HasError: true},
		`{"type":1,"target":"a�b","arguments":[]}`:    {Kind: wire.Invocation, Target: []byte("a\xffb")},
		`{"type":7,"error":"a�b"}`:                    {Kind: wire.Close, HasError: true, Error: []byte("a\xffb")},
		`{"type":3,"invocationId":"1","error":"bad"}`: {Kind: wire.Completion, InvocationID: []byte("1"), HasError: true, Error: []byte("bad"), Value: []byte("1")},
	} {
		if got := wire.JSON.Append(nil, &m); string(got) != want+"\x1e" {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAppend_panicsWithoutAKind(t *testing.T) {
	for _, k := range []wire.Kind{wire.Unknown, 10, 255} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != "wire: a message of no known kind cannot be written" {
					t.Errorf("kind %d: %s", k, got)
				}
			}()
			wire.JSON.Append(nil, &wire.Message{Kind: k})
		}()
	}
}

func TestDecode_membersInAnyOrder(t *testing.T) {
	want := wire.Message{Kind: wire.Invocation, InvocationID: []byte("1"), Target: []byte("t"), Arguments: []byte(`[1,[2]]`), ArgumentCount: 2, StreamIDs: []string{"2"}}
	for _, record := range []string{
		`{"arguments":[1,[2]],"streamIds":["2"],"target":"t","invocationId":"1","type":1}`,
		` { "streamIds" : [ "2" ] , "type" : 1, "arguments" : [1,[2]] , "target" : "t", "invocationId":"1" } `,
		`{"headers":{"a":1},"type":1,"new":{"target":"x","type":6},"target":"t","arguments":[1,[2]],"invocationId":"1","streamIds":["2"],"":0}`,
		`{"t\u0079pe":1,"target":"\u0074","arguments":[1,[2]],"invocationId":"\u0031","streamIds":["\u0032"]}`,
	} {
		if m, err := decode(t, record); !reflect.DeepEqual(m, want) || err != nil {
			t.Errorf("%s is %+v, %v", record, m, err)
		}
	}
}

func TestDecode_aTypeNobodyKnowsIsIgnored(t *testing.T) {
	for _, record := range []string{
		`{"type":0}`, `{"type":10}`, `{"type":-1}`, `{"type":256}`, `{"type":257}`, `{"type":99999999999999999999}`,
		`{"type":10,"target":5,"arguments":{},"invocationId":[],"error":1,"result":1,"streamIds":"x","sequenceId":-1}`,
	} {
		if m, err := decode(t, record); !reflect.DeepEqual(m, wire.Message{}) || err != nil {
			t.Errorf("%s is %+v, %v", record, m, err)
		}
	}
}

func TestDecode_nullIsAbsent(t *testing.T) {
	for record, want := range map[string]wire.Message{
		`{"type":1,"invocationId":null,"target":"t","arguments":[],"streamIds":null}`: {Kind: wire.Invocation, Target: []byte("t"), Arguments: []byte("[]")},
		`{"type":3,"invocationId":"1","error":null,"result":5}`:                       {Kind: wire.Completion, InvocationID: []byte("1"), Value: []byte("5")},
		`{"type":7,"error":null,"allowReconnect":null}`:                               {Kind: wire.Close},
		`{"type":7,"allowReconnect":false}`:                                           {Kind: wire.Close},
		`{"type":1,"target":"t","arguments":[],"streamIds":[]}`:                       {Kind: wire.Invocation, Target: []byte("t"), Arguments: []byte("[]")},
	} {
		if m, err := decode(t, record); !reflect.DeepEqual(m, want) || err != nil {
			t.Errorf("%s is %+v, %v", record, m, err)
		}
	}
}

func TestDecode_membersOfAnotherKindAreIgnored(t *testing.T) {
	all := `"invocationId":"1","target":"t","arguments":[],"item":1,"result":2,"error":"e","allowReconnect":true,"sequenceId":3}`
	for kind, want := range map[string]wire.Message{
		`{"type":1,`: {Kind: wire.Invocation, InvocationID: []byte("1"), Target: []byte("t"), Arguments: []byte("[]")},
		`{"type":2,`: {Kind: wire.StreamItem, InvocationID: []byte("1"), Value: []byte("1")},
		`{"type":5,`: {Kind: wire.CancelInvocation, InvocationID: []byte("1")},
		`{"type":6,`: {Kind: wire.Ping},
		`{"type":7,`: {Kind: wire.Close, HasError: true, Error: []byte("e"), AllowReconnect: true},
		`{"type":9,`: {Kind: wire.Sequence, SequenceID: 3},
	} {
		if m, err := decode(t, kind+all); !reflect.DeepEqual(m, want) || err != nil {
			t.Errorf("%s is %+v, %v", kind+all, m, err)
		}
	}
}

func TestDecode_refuses(t *testing.T) {
	long := strings.Repeat("n", wire.MaxName+1)
	many := "[1" + strings.Repeat(",1", wire.MaxArguments) + "]"
	streams := `["1"` + strings.Repeat(`,"1"`, wire.MaxStreamIDs) + "]"
	for record, says := range map[string]string{
		`{}`:                                    "its type is not an integer",
		`{"type":null}`:                         "its type is not an integer",
		`{"type":"1"}`:                          "its type is not an integer",
		`{"type":1.0}`:                          "its type is not an integer",
		`{"type":1e0}`:                          "its type is not an integer",
		`{"type":[6]}`:                          "its type is not an integer",
		`{"Type":6}`:                            "its type is not an integer",
		`{"type":1,"arguments":[]}`:             "it has no target",
		`{"type":1,"target":"t"}`:               "its arguments are not an array",
		`{"type":1,"target":"","arguments":[]}`: "its target is empty",
		`{"type":1,"target":null,"arguments":[]}`:                              "it has no target",
		`{"type":1,"target":5,"arguments":[]}`:                                 "its target is not a string",
		`{"type":1,"TARGET":"t","arguments":[]}`:                               "it has no target",
		`{"type":1,"target":"` + long + `","arguments":[]}`:                    "its target is longer than 255 bytes",
		`{"type":1,"target":"t","arguments":null}`:                             "its arguments are not an array",
		`{"type":1,"target":"t","arguments":{"length":0}}`:                     "its arguments are not an array",
		`{"type":1,"target":"t","arguments":[],"arguments":"x"}`:               "its arguments are not an array",
		`{"type":1,"target":"t","arguments":` + many + `}`:                     "it has more than 64 arguments",
		`{"type":1,"target":"t","arguments":[],"invocationId":5}`:              "its invocationId is not a string",
		`{"type":1,"target":"t","arguments":[],"invocationId":""}`:             "its invocationId is empty",
		`{"type":1,"target":"t","arguments":[],"invocationId":"` + long + `"}`: "its invocationId is longer than 255 bytes",
		`{"type":1,"target":"t","arguments":[],"streamIds":"1"}`:               "an opening bracket is expected",
		`{"type":1,"target":"t","arguments":[],"streamIds":[1]}`:               "its streamId is not a string",
		`{"type":1,"target":"t","arguments":[],"streamIds":[null]}`:            "it has no streamId",
		`{"type":1,"target":"t","arguments":[],"streamIds":["` + long + `"]}`:  "its streamId is longer than 255 bytes",
		`{"type":1,"target":"t","arguments":[],"streamIds":` + streams + `}`:   "it has more than 16 streamIds",
		`{"type":2,"invocationId":"1"}`:                                        "it has no item",
		`{"type":2,"item":1}`:                                                  "it has no invocationId",
		`{"type":3,"result":1}`:                                                "it has no invocationId",
		`{"type":3,"invocationId":"1","result":null,"error":"e"}`:              "it has a result and an error",
		`{"type":3,"invocationId":"1","result":1,"error":""}`:                  "it has a result and an error",
		`{"type":3,"invocationId":"1","error":{"a":1}}`:                        "its error is not a string",
		`{"type":4,"target":"t","arguments":[]}`:                               "it has no invocationId",
		`{"type":5}`:                                                           "it has no invocationId",
		`{"type":7,"error":5}`:                                                 "its error is not a string",
		`{"type":7,"allowReconnect":"true"}`:                                   "its allowReconnect is not a boolean",
		`{"type":7,"allowReconnect":1}`:                                        "its allowReconnect is not a boolean",
		`{"type":8}`:                                                           "its sequenceId is not a count",
		`{"type":8,"sequenceId":-1}`:                                           "its sequenceId is not a count",
		`{"type":8,"sequenceId":1.5}`:                                          "its sequenceId is not a count",
		`{"type":9,"sequenceId":"1"}`:                                          "its sequenceId is not a count",
		`{"type":9,"sequenceId":1e999}`:                                        "its sequenceId is not a count",
		`{"type":9,"sequenceId":9223372036854775808}`:                          "its sequenceId is not a count",
	} {
		m, err := decode(t, record)
		if !errors.Is(err, wire.ErrMalformed) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want one that says %q", record, err, says)
		}
		if !reflect.DeepEqual(m, wire.Message{}) {
			t.Errorf("%s left %+v", record, m)
		}
	}
}

// Without escapes the message aliases the record.
func TestDecode_aliasesTheRecord(t *testing.T) {
	record := []byte(`{"type":1,"invocationId":"1","target":"Send","arguments":["a"]}`)
	var m wire.Message
	if err := wire.JSON.Decode(record, &m); err != nil {
		t.Fatal(err)
	}
	copy(record[bytes.Index(record, []byte("Send")):], "SEND")
	if string(m.Target) != "SEND" {
		t.Error("the target is a copy")
	}
}

func TestDecode_countsArguments(t *testing.T) {
	for _, n := range []int{0, 1, wire.MaxArguments - 1, wire.MaxArguments} {
		args := strings.TrimSuffix(strings.Repeat("[1,2],", n), ",")
		m, err := decode(t, fmt.Sprintf(`{"type":1,"target":"t","arguments":[%s]}`, args))
		if m.ArgumentCount != n || err != nil {
			t.Errorf("%d of %d, %v", m.ArgumentCount, n, err)
		}
	}
}
