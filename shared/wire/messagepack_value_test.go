package wire_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// The bytes are those of MessagePack's specification, in the forms that the
// libraries of .NET and JavaScript choose.
func TestMessagePack_valueBytes(t *testing.T) {
	text := "p"
	for _, c := range []struct {
		v    any
		want string
	}{
		{true, "c3"}, {false, "c2"},
		{0, "00"}, {127, "7f"}, {128, "cc 80"}, {255, "cc ff"}, {256, "cd 01 00"}, {65535, "cd ff ff"}, {65536, "ce 00 01 00 00"},
		{uint32(1<<32 - 1), "ce ff ff ff ff"}, {int64(1 << 32), "cf 00 00 00 01 00 00 00 00"}, {uint64(math.MaxUint64), "cf ff ff ff ff ff ff ff ff"},
		{-1, "ff"}, {-32, "e0"}, {-33, "d0 df"}, {-128, "d0 80"}, {-129, "d1 ff 7f"}, {-32768, "d1 80 00"}, {-32769, "d2 ff ff 7f ff"},
		{math.MinInt32, "d2 80 00 00 00"}, {int64(math.MinInt32 - 1), "d3 ff ff ff ff 7f ff ff ff"}, {int64(math.MinInt64), "d3 80 00 00 00 00 00 00 00"},
		{1.0, "cb 3f f0 00 00 00 00 00 00"}, {float32(1.5), "ca 3f c0 00 00"},
		{"", "a0"}, {"é", "a2 c3 a9"}, {strings.Repeat("x", 31), "bf'" + strings.Repeat("x", 31) + "'"},
		{strings.Repeat("x", 32), "d9 20'" + strings.Repeat("x", 32) + "'"}, {strings.Repeat("x", 256), "da 01 00'" + strings.Repeat("x", 256) + "'"},
		{strings.Repeat("x", 65536), "db 00 01 00 00'" + strings.Repeat("x", 65536) + "'"},
		{[]byte{}, "c4 00"}, {[]byte{1, 2}, "c4 02 01 02"}, {make([]byte, 256), "c5 01 00" + strings.Repeat("00", 256)},
		{make([]byte, 65536), "c6 00 01 00 00" + strings.Repeat("00", 65536)}, {[]byte(nil), "c0"},
		{time.Unix(0, 0), "d6 ff 00 00 00 00"}, {time.Unix(1, 0).In(time.FixedZone("", 3600)), "d6 ff 00 00 00 01"},
		{time.Unix(1<<32-1, 0), "d6 ff ff ff ff ff"}, {time.Unix(1<<32, 0), "d7 ff 00 00 00 01 00 00 00 00"},
		{time.Unix(1, 500e6), "d7 ff 77 35 94 00 00 00 00 01"}, {time.Unix(1<<34-1, 0), "d7 ff 00 00 00 03 ff ff ff ff"},
		{time.Unix(1<<34, 0), "c7 0c ff 00 00 00 00 00 00 00 04 00 00 00 00"},
		{time.Unix(-1, 500e6), "c7 0c ff 1d cd 65 00 ff ff ff ff ff ff ff ff"},
		{contract.None{}, "c0"}, {(*string)(nil), "c0"}, {&text, "a1'p'"},
		{colour(0), "a3'Red'"}, {colour(1), "a9'DarkGreen'"}, {colour(-1), "a7'Unknown'"}, {colour(7), "a1'7'"}, {colour(-7), "a2'-7'"},
		{mask(1), "a3'Low'"}, {mask(math.MaxUint64), "b4'18446744073709551615'"}, {level(3), "03"}, {time.March, "03"},
		{[]int(nil), "c0"}, {[]int{}, "90"}, {[]int{1, -1}, "92 01 ff"}, {make([]int, 16), "dc 00 10" + strings.Repeat("00", 16)},
		{make([]int, 65536), "dd 00 01 00 00" + strings.Repeat("00", 65536)},
		{map[string]int(nil), "c0"}, {map[string]int{}, "80"}, {map[string]int{"b": 1, "a": 2}, "82 a1'a' 02 a1'b' 01"},
		{named{ID: "i", URLPath: "u", MaxSize: 3}, "83 a2'ID' a1'i' a7'URLPath' a1'u' a7'MaxSize' 03"}, // names as declared
		{struct{}{}, "80"}, {contract.RawJSON(nil), "c0"},
		{contract.RawJSON(` { "a" : [ 1 , -1.5 , "\u00e9" , null , true, false ] , "A" : {} } `),
			"82 a1'a' 96 01 cb bf f8 00 00 00 00 00 00 a2 c3 a9 c0 c3 c2 a1'A' 80"},
		{contract.RawJSON(`[18446744073709551615,18446744073709551616,-9223372036854775809,1.0,1e2,-0]`),
			"96 cf ff ff ff ff ff ff ff ff cb 43 f0 00 00 00 00 00 00 cb c3 e0 00 00 00 00 00 00 cb 3f f0 00 00 00 00 00 00 cb 40 59 00 00 00 00 00 00 cb 80 00 00 00 00 00 00 00"},
		{contract.RawJSON("[" + strings.Repeat("0,", 15) + "0]"), "dc 00 10" + strings.Repeat("00", 16)},
		{contract.RawJSON("[" + strings.Repeat("0,", 65535) + "[]]"), "dd 00 01 00 00" + strings.Repeat("00", 65535) + "90"},
		{contract.RawJSON(`"\u001e\u0000"`), "a2 1e 00"},
	} {
		p, err := wire.PlanOf(reflect.TypeOf(c.v))
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.MessagePack.AppendValue(nil, p, reflectOf(c.v))
		if want := pack(c.want); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%T %.60v is %.100x, %v, want %.100x", c.v, c.v, got, err, want)
		}
	}
}

// takes fails unless raw is read as want.
func takes[T any](t *testing.T, raw string, want T) {
	t.Helper()
	if got, err := readPack[T](t, pack(raw)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s as a %T is %v, %v, want %v", raw, got, got, err, want)
	}
}

// misfits fails unless raw is well-formed and no T.
func misfits[T any](t *testing.T, raw string) {
	t.Helper()
	if got, err := readPack[T](t, pack(raw)); !errors.Is(err, wire.ErrType) {
		t.Errorf("%s as a %T is %v, %v", raw, got, got, err)
	}
}

func TestMessagePack_numbersOfAnyForm(t *testing.T) {
	for _, raw := range []string{"05", "cc 05", "cd 00 05", "ce 00 00 00 05", "cf 00 00 00 00 00 00 00 05", "d0 05", "d1 00 05", "d2 00 00 00 05", "d3 00 00 00 00 00 00 00 05"} {
		takes[int8](t, raw, 5)
		takes[uint8](t, raw, 5)
		takes[int64](t, raw, 5)
		takes[float64](t, raw, 5)
		takes[float32](t, raw, 5)
		takes[*int](t, raw, new(5))
		takes[colour](t, raw, 5)
		takes(t, raw, contract.RawJSON("5"))
	}
	for _, raw := range []string{"ff", "d0 ff", "d1 ff ff", "d2 ff ff ff ff", "d3 ff ff ff ff ff ff ff ff"} {
		takes[int8](t, raw, -1)
		takes[float32](t, raw, -1)
		takes[colour](t, raw, -1)
		takes(t, raw, contract.RawJSON("-1"))
		misfits[uint64](t, raw)
		misfits[mask](t, raw)
	}
	takes[float64](t, "ca 3d cc cc cd", float64(float32(0.1)))
	takes[float32](t, "cb 3f b9 99 99 99 99 99 9a", 0.1) // as JavaScript writes 0.1
	takes[float64](t, "cf ff ff ff ff ff ff ff ff", math.MaxUint64)
	takes(t, "ca 3d cc cc cd", contract.RawJSON("0.1"))
	takes(t, "cb 44 4b 1a e4 d6 e2 ef 50", contract.RawJSON("1e+21"))
	misfits[int8](t, "cc 80")
	misfits[int8](t, "d1 ff 7f")
	misfits[int64](t, "cf 80 00 00 00 00 00 00 00")
	misfits[uint8](t, "cd 01 00")
	misfits[colour](t, "ce 00 01 00 00")
	misfits[int](t, "cb 3f f0 00 00 00 00 00 00") // 1.0, which JSON's reader refuses too
	misfits[float32](t, "cb 7f ef ff ff ff ff ff ff")
	for _, raw := range []string{"cb 7f f0 00 00 00 00 00 00", "cb ff f0 00 00 00 00 00 00", "cb 7f f8 00 00 00 00 00 01", "ca 7f 80 00 00", "ca 7f c0 00 00"} {
		misfits[float64](t, raw)
		misfits[float32](t, raw)
		misfits[contract.RawJSON](t, raw)
		takes(t, raw, contract.None{})
	}
}

func TestMessagePack_time(t *testing.T) {
	for raw, want := range map[string]time.Time{
		"d6 ff ff ff ff ff":                               time.Unix(1<<32-1, 0),
		"d7 ff 00 00 00 00 00 00 00 01":                   time.Unix(1, 0), // longer than it needs to be
		"d7 ff ee 6b 27 ff ff ff ff ff":                   time.Unix(1<<34-1, 999_999_999),
		"c7 04 ff 00 00 00 02":                            time.Unix(2, 0),
		"c7 08 ff 00 00 00 04 00 00 00 03":                time.Unix(3, 1),
		"c7 0c ff 00 00 00 00 ff ff ff f1 88 6e 09 00":    time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), // .NET's DateTime.MinValue
		"c7 0c ff 3b 9a c9 ff 00 00 00 3a ff f4 41 7f":    time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		"c8 00 0c ff 00 00 00 00 ff ff ff f1 86 8b 84 00": time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		"c9 00 00 00 04 ff 00 00 00 02":                   time.Unix(2, 0),
		"b4'2026-02-28T13:05:06Z'":                        time.Date(2026, 2, 28, 13, 5, 6, 0, time.UTC), // a peer's own text
	} {
		got, err := readPack[time.Time](t, pack(raw), time.Now())
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s is %s, %v, want %s", raw, got, err, want)
		}
		if got, err := readPack[contract.RawJSON](t, pack(raw)); err != nil || string(got) != want.UTC().Format(`"`+time.RFC3339Nano+`"`) {
			t.Errorf("%s is %s, %v", raw, got, err)
		}
	}
	for _, raw := range []string{
		"d4 ff 00", "d5 ff 00 00", "d8 ff" + strings.Repeat("00", 16), "c7 00 ff", "c7 0b ff" + strings.Repeat("00", 11),
		"d7 ff ee 6b 28 00 00 00 00 00",                // a second of nanoseconds
		"c7 0c ff 3b 9a ca 00 00 00 00 00 00 00 00 00", // the same
		"c7 0c ff 00 00 00 00 00 00 00 3a ff f4 41 80", // the year 10000
		"c7 0c ff 00 00 00 00 ff ff ff f1 86 8b 83 ff", // the year -1
		"c7 0c ff 00 00 00 00 7f ff ff ff ff ff ff ff", "c7 0c ff 00 00 00 00 80 00 00 00 00 00 00 00",
		"d6 05 00 00 00 01", "d6 00 00 00 00 01", // extensions of other types
	} {
		misfits[time.Time](t, raw)
		misfits[contract.RawJSON](t, raw)
		takes(t, raw, contract.None{})
	}
	for _, raw := range []string{"01", "a3'now'", "c4 01 00", "90", "80", "c3"} {
		misfits[time.Time](t, raw)
	}
}

func TestMessagePack_enum(t *testing.T) {
	for raw, want := range map[string]colour{
		"a3'Red'": 0, "a3'red'": 0, "a3'RED'": 0, "a9'darkGREEN'": 1, "d9 07'unknown'": -1, "a1'1'": 1, "a2'-1'": -1, "a3'300'": 300,
		"a1'7'": 7, "cd 01 2c": 300, "07": 7,
	} {
		takes(t, raw, want)
		takes(t, "91"+raw, []colour{want})
	}
	takes[mask](t, "b4'18446744073709551615'", math.MaxUint64)
	takes[mask](t, "a4'high'", math.MaxInt64)
	for _, raw := range []string{
		"a0", "a5'Green'", "a4'Red '", "a2'Re'", "a6'Red, 1'", "a5'32768'", "a6'-32769'", "a3'1.0'", "a3'1e0'", "a2'0x'", "b5'184467440737095516160'",
		"c4 03'Red'", "c3", "90", "80", "c0",
	} {
		misfits[colour](t, raw)
	}
	misfits[mask](t, "a2'-1'")
	misfits[level](t, "a1'3'") // a named integer without names is a number
}

func TestMessagePack_membersInAnyCase(t *testing.T) {
	want := named{ID: "i", URLPath: "u", MaxSize: 3}
	for _, raw := range []string{
		"83 a2'ID' a1'i' a7'URLPath' a1'u' a7'MaxSize' 03",
		"83 a7'maxSize' 03 a2'id' a1'i' a7'urlPath' a1'u'",
		"85 a7'MAXSIZE' 03 a1'x' 93 01 81 01 d4 05 00 c0 a2'Id' a1'i' a0 c4 00 a7'uRLpATH' a1'u'",
		"84 a2'ID' a5'first' a7'URLPath' a1'u' a7'MaxSize' 03 a2'id' a1'i'", // the last counts
		"de 00 03 a2'ID' a1'i' a7'URLPath' a1'u' a7'MaxSize' 03",
	} {
		takes(t, raw, want)
	}
	takes(t, "80", named{})
	takes(t, "82 a1'a' 92 01 02 a1'a' 91 03", map[string][]int{"a": {3}})
	takes(t, "82 a1'a' 81 a4'Name' a1'x' a1'b' 80", map[string]tree{"a": {Name: "x"}, "b": {}})
	misfits[named](t, "81 01 a1'i'")
	misfits[map[string]int](t, "81 01 01")
	misfits[map[string]int](t, "81 c4 01'a' 01")
	misfits[contract.RawJSON](t, "81 01 01")
}

func TestMessagePack_readingOverwritesAll(t *testing.T) {
	text := "old"
	full := everything{
		Bool: true, I64: 1, Text: "old", Bytes: []byte("old"), At: time.Now(), Ptr: &text, List: []int32{1, 2, 3},
		Map: map[string]float64{"old": 1}, Tree: &tree{Name: "old"},
	}
	list, dict, past := full.List, full.Map, full.Tree
	if got, err := readPack(t, pack("80"), full); !reflect.DeepEqual(got, everything{}) || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	got, err := readPack(t, pack("84 a4'List' 91 09 a3'Map' 81 a3'new' 02 a4'Tree' 81 a4'Past' c0 a3'Ptr' a3'new'"), full)
	if err != nil || len(got.List) != 1 || len(got.Map) != 1 || got.Tree.Name != "" || *got.Ptr != "new" {
		t.Errorf("%+v, %v", got, err)
	}
	if list[0] != 1 || len(dict) != 1 || past.Name != "old" || text != "old" {
		t.Error("reading wrote into what the old value pointed to")
	}
}

func TestMessagePack_rawJSON(t *testing.T) {
	for raw, want := range map[string]string{
		"c0": "", "c3": "true", "c2": "false", "a2 1e'\"'": `"\u001e\""`, "c4 02 fb ff": `"+/8="`, "c4 00": `""`, "90": "[]", "80": "{}",
		"92 c0 93 01 02 03":             `[null,[1,2,3]]`,
		"82 a1'a' 01 d9 02'b\"' 81a0c0": `{"a":1,"b\"":{"":null}}`,
		"82 a1'a' 01 a1'a' 02":          `{"a":1,"a":2}`,
		"d6 ff 00 00 00 00":             `"1970-01-01T00:00:00Z"`,
		"cb 80 00 00 00 00 00 00 00":    "-0",
	} {
		got, err := readPack(t, pack(raw), contract.RawJSON("old"))
		if err != nil || string(got) != want || (got == nil) != (want == "") {
			t.Errorf("%s is %s, %v, want %s", raw, got, err, want)
		}
	}
	for _, raw := range []string{"d4 00 00", "c7 00 05", "91 d4 7f 00", "81 a1'a' d8 fe" + strings.Repeat("00", 16)} {
		misfits[contract.RawJSON](t, raw)
	}
}

func TestMessagePack_arguments(t *testing.T) {
	type pair struct{ Age, Size int8 }
	for _, c := range []struct {
		raw  string
		p    *wire.Arguments
		into any
		want error
		says string
	}{
		{"90", argumentsOf[pair](t), &pair{}, wire.ErrCount, "Invocation provides 0 argument(s) but target expects 2."},
		{"93 01 02 03", argumentsOf[pair](t), &pair{}, wire.ErrCount, "Invocation provides 3 argument(s) but target expects 2."},
		{"91 a5'wrong'", argumentsOf[pair](t), &pair{}, wire.ErrCount, "Invocation provides 1 argument(s) but target expects 2."},
		{"91 01", argumentsOf[contract.None](t), &contract.None{}, wire.ErrCount, "Invocation provides 1 argument(s) but target expects 0."},
		{"96 a1'r' 80 01 90 a0 01", argumentsOf[post](t), &post{}, wire.ErrCount, "Invocation provides 6 argument(s) but target expects 5."},
		{"92 a1'x' 01", argumentsOf[pair](t), &pair{}, wire.ErrType, "Age: the value does not fit the type: a string where int8 is expected"},
		{"92 01 81 a1'x' 91 01", argumentsOf[pair](t), &pair{}, wire.ErrType, "Size: the value does not fit the type: a map where int8 is expected"},
		{"92 01 cc 80", argumentsOf[pair](t), &pair{}, wire.ErrType, "Size: the value does not fit the type: a number that is no integer or out of range where int8 is expected"},
		{"92 c0 01", argumentsOf[pair](t), &pair{}, wire.ErrType, "Age: the value does not fit the type: null where int8 is expected"},
		{"92 d4 05 00 01", argumentsOf[pair](t), &pair{}, wire.ErrType, "Age: the value does not fit the type: an extension where int8 is expected"},
		{"", argumentsOf[pair](t), &pair{}, wire.ErrMalformed, "the message is malformed: it ends where a value is expected"},
		{"c0", argumentsOf[pair](t), &pair{}, wire.ErrMalformed, "the message is malformed: its arguments are not an array"},
		{"92 01 02 03", argumentsOf[pair](t), &pair{}, wire.ErrMalformed, "the message is malformed: byte 3 comes after the end"},
	} {
		err := wire.MessagePack.ReadArguments(pack(c.raw), c.p, settable(c.into))
		if !errors.Is(err, c.want) || err.Error() != c.says {
			t.Errorf("%s: %v, want %s", c.raw, err, c.says)
		}
	}
	if err := wire.MessagePack.ReadArguments(pack("90"), argumentsOf[contract.None](t), settable(&contract.None{})); err != nil {
		t.Error(err)
	}
}
