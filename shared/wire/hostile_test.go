package wire_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// refused checks that record cannot be decoded, and that its argument cannot be
// read by whoever would skip the decoding.
func refused(t *testing.T, value string, want error) {
	t.Helper()
	record := `{"type":1,"target":"t","arguments":[` + value + `]}`
	if _, err := decode(t, record); !errors.Is(err, want) {
		t.Errorf("decoding %.100q: %v, want %v", record, err, want)
	}
	for _, into := range []any{new(string), new(contract.RawJSON), new(contract.None), new(int), new(everything), new([]odd), new(map[string]int)} {
		v := settable(into)
		p, err := wire.PlanOf(v.Type())
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.JSON.ReadValue([]byte(value), p, v); !errors.Is(err, want) && !errors.Is(err, wire.ErrType) {
			t.Errorf("reading %.100q as a %s: %v, want %v", value, v.Type(), err, want)
		}
	}
	if _, err := read[contract.RawJSON](t, value); !errors.Is(err, want) {
		t.Errorf("taking %.100q as it is: %v, want %v", value, err, want)
	}
}

// Recursion on the peer's nesting would be a stack of the peer's choosing
// (CWE-674).
func TestHostile_depthOf10000(t *testing.T) {
	const n = 10_000
	for _, value := range []string{
		strings.Repeat("[", n) + strings.Repeat("]", n),
		strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n),
		strings.Repeat(`[{"a":`, n) + "1" + strings.Repeat("}]", n),
		strings.Repeat("[", n), // and no end
	} {
		refused(t, value, wire.ErrDepth)
	}
	if _, err := decode(t, strings.Repeat("[", n)); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("a record that is an array: %v", err)
	}
	if _, err := decode(t, strings.Repeat(`{"a":`, n)); !errors.Is(err, wire.ErrDepth) {
		t.Errorf("a record that has no end: %v", err)
	}
	if _, _, _, err := wire.ReadHandshake([]byte(`{"x":` + strings.Repeat("[", 4000) + "\x1e")); !errors.Is(err, wire.ErrDepth) {
		t.Errorf("a handshake: %v", err)
	}
}

func TestHostile_depthOf64And65(t *testing.T) {
	nested := func(levels int) string { // of the whole message
		return `{"type":1,"target":"t","arguments":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + `}`
	}
	if _, err := decode(t, nested(64)); err != nil {
		t.Errorf("64 levels: %v", err)
	}
	if _, err := decode(t, nested(65)); !errors.Is(err, wire.ErrDepth) {
		t.Errorf("65 levels: %v", err)
	}
	// It is depth that counts, not how many arrays there are.
	if _, err := decode(t, `{"type":1,"target":"t","arguments":[`+strings.Repeat("[[]],", 5000)+`[]]}`); !errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrDepth) {
		t.Errorf("5001 arrays side by side: %v", err)
	}
}

// 1e999 is a number to JSON, but none that a float64 holds: ParseFloat would
// give infinity, which no writer can say.
func TestHostile_1e999(t *testing.T) {
	for _, value := range []string{"1e999", "-1e999", "1" + strings.Repeat("0", 400), "1e99999999999999999999"} {
		if v, err := read[float64](t, value); !errors.Is(err, wire.ErrType) {
			t.Errorf("%.20s is %v, %v", value, v, err)
		}
		if v, err := read[int64](t, value); !errors.Is(err, wire.ErrType) {
			t.Errorf("%.20s is %v, %v", value, v, err)
		}
	}
	if v, err := read[float32](t, "1e39"); !errors.Is(err, wire.ErrType) {
		t.Errorf("1e39 is the float32 %v, %v", v, err)
	}
	for _, value := range []string{"1e-999", "-1e-999"} {
		if v, err := read[float64](t, value); math.Abs(v) != 0 || err != nil {
			t.Errorf("%s is %v, %v", value, v, err)
		}
	}
}

func TestHostile_integersOutOfRange(t *testing.T) {
	type all struct {
		I8  int8
		I64 int64
		U8  uint8
		U64 uint64
	}
	for _, value := range []string{
		`{"i8":128}`, `{"i8":-129}`, `{"i64":9223372036854775808}`, `{"i64":-9223372036854775809}`, `{"u8":256}`, `{"u8":-1}`,
		`{"u64":18446744073709551616}`, `{"i64":1.0}`, `{"i64":1e2}`, `{"u64":-0}`,
	} {
		if v, err := read[all](t, value); !errors.Is(err, wire.ErrType) {
			t.Errorf("%s is %+v, %v", value, v, err)
		}
	}
	if v, err := read[all](t, `{"i8":-128,"i64":-9223372036854775808,"u8":255,"u64":18446744073709551615}`); err != nil {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestHostile_loneSurrogates(t *testing.T) {
	for _, s := range []string{
		`\ud800`, `\udbff`, `\udc00`, `\uDFFF`, `a\ud800b`, `\ud800\ud800`, `\ud800\u0041`, `\udc00\ud800`, `\ud83d\ude0`, `\ud800\n`,
		`\ud800\`, `\ud83d\\ude00`,
	} {
		refused(t, `"`+s+`"`, wire.ErrUTF8)
		refused(t, `{"`+s+`":1}`, wire.ErrUTF8)
	}
	if got, err := read[string](t, `"\ud83d\ude00\uD83D\uDE00"`); got != "😀😀" || err != nil {
		t.Errorf("whole pairs are %q, %v", got, err)
	}
}

func TestHostile_invalidUTF8(t *testing.T) {
	for _, s := range []string{
		"\xff", "\x80", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xed\xa0\xbd\xed\xb8\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
	} {
		refused(t, `"`+s+`"`, wire.ErrUTF8)
		refused(t, `{"`+s+`":1}`, wire.ErrUTF8)
		refused(t, s, wire.ErrMalformed) // where no text is
		// Also in the parts of a record that nobody reads.
		if _, err := decode(t, `{"type":6,"more":"`+s+`"}`); !errors.Is(err, wire.ErrUTF8) {
			t.Errorf("%q in a member that is skipped: %v", s, err)
		}
		if _, err := decode(t, `{"type":10,"`+s+`":1}`); !errors.Is(err, wire.ErrUTF8) {
			t.Errorf("%q in a name that is skipped: %v", s, err)
		}
	}
}

func TestHostile_controlCharactersInStrings(t *testing.T) {
	for c := range byte(0x20) {
		refused(t, `"a`+string(rune(c))+`"`, wire.ErrMalformed)
	}
}

// A 0x1E in a string would end the record in its middle, and what follows would
// be a message of the string's author's choosing (CWE-93).
func TestHostile_recordSeparatorInAString(t *testing.T) {
	p, err := wire.ArgumentsOf(connected.BroadcastMessage.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	evil := connected.Broadcast{Name: "\x1e", Message: "\x1e{\"type\":7}\x1e"}
	args, err := wire.JSON.AppendArguments(nil, p, reflectOf(evil))
	if err != nil {
		t.Fatal(err)
	}
	stream := wire.JSON.Append(nil, &wire.Message{
		Kind: wire.Invocation, InvocationID: []byte("\x1e1"), Target: []byte("a\x1eb"), Arguments: args, StreamIDs: []string{"\x1e"},
	})
	stream = wire.JSON.Append(stream, &wire.Message{Kind: wire.Completion, InvocationID: []byte("1"), HasError: true, Error: []byte("\x1e")})
	stream = wire.AppendHandshakeReply(stream, "\x1e")
	if n := strings.Count(string(stream), "\x1e"); n != 3 {
		t.Fatalf("3 records have %d ends: %q", n, stream)
	}
	msg, _, err := wire.JSON.Split(stream, 1000)
	if err != nil {
		t.Fatal(err)
	}
	m, err := decode(t, string(msg))
	if err != nil || string(m.Target) != "a\x1eb" || string(m.InvocationID) != "\x1e1" || m.StreamIDs[0] != "\x1e" {
		t.Fatalf("%+v, %v", m, err)
	}
	var got connected.Broadcast
	if err := wire.JSON.ReadArguments(m.Arguments, p, settable(&got)); got != evil || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := write(t, map[string]int{"\x1e": 1}); err != nil {
		t.Error(err)
	}
	if got, _ := write(t, map[string]int{"\x1e": 1}); strings.Contains(got, "\x1e") {
		t.Errorf("a key has it: %q", got)
	}
}

func TestHostile_recordWithoutEnd(t *testing.T) {
	whole := `{"type":1,"invocationId":"1","target":"t","arguments":["a\u00e9",1.5e3,true,null,{"b":[]}],"streamIds":["2"]}`
	if _, err := decode(t, whole); err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		if m, err := decode(t, whole[:n]); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s is %+v, %v", whole[:n], m, err)
		}
		if msg, rest, err := wire.JSON.Split([]byte(whole[:n]), 1000); msg != nil || len(rest) != n || err != nil {
			t.Errorf("%s is split to %q and %q, %v", whole[:n], msg, rest, err)
		}
	}
}

func TestHostile_trailingData(t *testing.T) {
	for _, record := range []string{
		`{"type":6}{"type":6}`, `{"type":6} 1`, `{"type":6},`, `{"type":6}}`, `{"type":6}]`, "{\"type\":6}\x00", "{\"type\":6}\x1e", `{"type":6}//`,
		"{\"type\":6}\ufeff",
	} {
		if m, err := decode(t, record); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%q is %+v, %v", record, m, err)
		}
	}
	for _, value := range []string{`1 2`, `1,`, `"a" "b"`, `{} {}`, `[]]`, `nullnull`, `truefalse`, "1\x00"} {
		for _, into := range []any{new(contract.RawJSON), new(contract.None), new(int), new([]int), new(string), new(tree), new(*bool)} {
			v := settable(into)
			p, err := wire.PlanOf(v.Type())
			if err != nil {
				t.Fatal(err)
			}
			if err := wire.JSON.ReadValue([]byte(value), p, v); !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrType) {
				t.Errorf("%s as a %s is %v, %v", value, v.Type(), v, err)
			}
		}
	}
}

func TestHostile_duplicateKeys_theLastCounts(t *testing.T) {
	want := wire.Message{Kind: wire.Invocation, InvocationID: []byte("2"), Target: []byte("b"), Arguments: []byte(`[3]`), ArgumentCount: 1}
	for _, record := range []string{
		`{"type":6,"target":"a","arguments":[1,2],"invocationId":"1","type":1,"target":"b","invocationId":"2","arguments":[3]}`,
		`{"target":5,"arguments":"x","invocationId":null,"type":"x","type":1,"invocationId":"2","target":"b","arguments":[3]}`,
	} {
		if m, err := decode(t, record); !reflect.DeepEqual(m, want) || err != nil {
			t.Errorf("%s is %+v, %v", record, m, err)
		}
	}
	if _, err := decode(t, `{"type":1,"target":"b","target":null,"arguments":[]}`); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("a null after the target: %v", err)
	}
}

// __proto__ is what pollutes objects in JavaScript; here it is a name like any.
func TestHostile_proto(t *testing.T) {
	type holder struct{ Admin bool }
	got, err := read[holder](t, `{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}`)
	if got.Admin || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	dict, err := read[map[string]holder](t, `{"__proto__":{"admin":true}}`)
	if want := (map[string]holder{"__proto__": {Admin: true}}); !reflect.DeepEqual(dict, want) || err != nil {
		t.Errorf("%+v, %v", dict, err)
	}
	m, err := decode(t, `{"__proto__":{"type":1},"type":6}`)
	if m.Kind != wire.Ping || err != nil {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestHostile_wrongTypes(t *testing.T) {
	values := map[string]string{ // to what each fits
		`"a text"`: "string", `"aGk="`: "string bytes", `1`: "int float", `1.5`: "float", `true`: "bool", `[]`: "list",
		`{}`: "struct map", `[{"name":1}]`: "", `{"name":{}}`: "", `"2026-02-03"`: "string time",
	}
	targets := map[string]any{
		"string": new(string), "int": new(int), "float": new(float64), "bool": new(bool), "bytes": new([]byte),
		"list": new([]tree), "struct": new(tree), "map": new(map[string]string),
	}
	for value, fits := range values {
		for kind, into := range targets {
			v := settable(into)
			p, err := wire.PlanOf(v.Type())
			if err != nil {
				t.Fatal(err)
			}
			err = wire.JSON.ReadValue([]byte(value), p, v)
			if strings.Contains(fits, kind) {
				if err != nil {
					t.Errorf("%s as a %s: %v", value, v.Type(), err)
				}
			} else if !errors.Is(err, wire.ErrType) {
				t.Errorf("%s as a %s is %v, %v", value, v.Type(), v, err)
			}
		}
	}
}

func TestHostile_malformed(t *testing.T) {
	for _, value := range []string{
		``, ` `, `,`, `:`, `'a'`, `tru`, `True`, `nul`, `nulL`, `NaN`, `Infinity`, `-Infinity`, `undefined`, `+1`, `-`, `01`, `-01`, `1.`, `.5`, `1e`,
		`1e+`, `0x1`, `1_000`, `1,2`, `[1,]`, `[,1]`, `[1 2]`, `[1`, `]`, `{`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `{1:1}`,
		`{"a":1 "b":2}`, `{"a":1}}`, `{null:1}`, `[}`, `{]`, `"`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12G4"`, `"\u 123"`, `"\U0041"`, "\ufeff1", "\v1",
		"\u00a01", `/**/1`, `1//`, `"a"b`, `--1`, `1.5.5`, `1e5e5`,
	} {
		if inList := strings.TrimSpace(value) == "" || value == `1,2`; !inList {
			refused(t, value, wire.ErrMalformed)
		}
		if _, err := decode(t, value); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("the record %q: %v", value, err)
		}
	}
}

// Errors go to logs and perhaps to the peer: they hold nothing that a peer wrote.
func TestHostile_errorsHoldNothingOfThePeers(t *testing.T) {
	const secret = "s3cret"
	for _, value := range []string{
		`{"s3cret":{"s3cret":1}}`, `{"s3cret":"s3cret"}`, `"s3cret`, `"s3cret"`, `{"s3cret"}`, `s3cret`, `{"s3cret":{"a":s3cret}}`,
	} {
		for _, into := range []any{new(int), new(map[string]map[string]bool), new([]string), new(map[string]int)} {
			v := settable(into)
			p, err := wire.PlanOf(v.Type())
			if err != nil {
				t.Fatal(err)
			}
			err = wire.JSON.ReadValue([]byte(value), p, v)
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s as a %s: %v", value, v.Type(), err)
			}
		}
	}
	if _, err := decode(t, `{"type":1,"target":"s3cret","arguments":"s3cret"}`); err == nil || strings.Contains(err.Error(), secret) {
		t.Error(err)
	}
}
