package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"testing/quick"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// everything has one field of each shape.
type everything struct {
	Bool   bool
	I8     int8
	I64    int64
	U16    uint16
	U64    uint64
	F32    float32
	F64    float64
	Text   string
	Bytes  []byte
	At     time.Time
	Level  level
	Raw    contract.RawJSON
	None   contract.None
	Ptr    *string
	List   []int32
	Levels []level
	Map    map[string]float64
	Named  map[roomID][]string
	Inner  struct{ A, B string }
	Tree   *tree
}

type roomID string

func TestJSON_everyShape(t *testing.T) {
	text := "p"
	v := everything{
		Bool: true, I8: -128, I64: math.MaxInt64, U16: 65535, U64: math.MaxUint64, F32: 0.1, F64: -1e-9, Text: "a\"\\/\x1e\u2028🙂",
		Bytes: []byte{0xfb, 0xff}, At: time.Date(2026, 2, 3, 4, 5, 6, 7000, time.FixedZone("", -90*60)), Level: 3,
		Raw: contract.RawJSON(` [1, {"x" :null}] `), Ptr: &text, List: []int32{1, -2}, Levels: []level{1, 2},
		Map: map[string]float64{"z": 1, "a": 2.5, "": 1e21}, Named: map[roomID][]string{"r": nil},
		Tree: &tree{Name: "t", Leaves: []tree{{}}},
	}
	v.Inner.B = "b"
	want := `{"bool":true,"i8":-128,"i64":9223372036854775807,"u16":65535,"u64":18446744073709551615,"f32":0.1,"f64":-1e-09,` +
		`"text":"a\"\\/\u001e` + "\u2028" + `🙂","bytes":"+/8=","at":"2026-02-03T04:05:06.000007-01:30","level":3,"raw":[1, {"x" :null}],` +
		`"none":null,"ptr":"p","list":[1,-2],"levels":[1,2],"map":{"":1e+21,"a":2.5,"z":1},"named":{"r":null},` +
		`"inner":{"a":"","b":"b"},"tree":{"name":"t","past":null,"leaves":[{"name":"","past":null,"leaves":null,"byName":null}],"byName":null}}`
	got, err := write(t, v)
	if got != want || err != nil {
		t.Errorf("wrote %s, %v\nwant  %s", got, err, want)
	}
	back, err := read[everything](t, got)
	if err != nil {
		t.Fatal(err)
	}
	if !back.At.Equal(v.At) {
		t.Errorf("the time is %s", back.At)
	}
	v.At, back.At = time.Time{}, time.Time{}
	v.Raw = contract.RawJSON(`[1, {"x" :null}]`)
	if !reflect.DeepEqual(back, v) {
		t.Errorf("read %+v\nwant %+v", back, v)
	}
}

func TestJSON_zeroOfEveryShape(t *testing.T) {
	want := `{"bool":false,"i8":0,"i64":0,"u16":0,"u64":0,"f32":0,"f64":0,"text":"","bytes":null,"at":"0001-01-01T00:00:00Z",` +
		`"level":0,"raw":null,"none":null,"ptr":null,"list":null,"levels":null,"map":null,"named":null,"inner":{"a":"","b":""},"tree":null}`
	got, err := write(t, everything{})
	if got != want || err != nil {
		t.Errorf("wrote %s, %v\nwant  %s", got, err, want)
	}
	for _, raw := range []string{want, `{}`} {
		if back, err := read[everything](t, raw); !reflect.DeepEqual(back, everything{}) || err != nil {
			t.Errorf("%s is %+v, %v", raw, back, err)
		}
	}
}

func TestJSON_everyASCIICharacter(t *testing.T) {
	for c := range rune(0x80) {
		text := "a" + string(c) + "b"
		got, err := write(t, text)
		var theirs string
		if err != nil || json.Unmarshal([]byte(got), &theirs) != nil || theirs != text {
			t.Errorf("%q is written %s, %v", text, got, err)
		}
		for _, raw := range []string{got, fmt.Sprintf(`"a\u%04xb"`, c), fmt.Sprintf(`"a\u%04Xb"`, c)} {
			if back, err := read[string](t, raw); back != text || err != nil {
				t.Errorf("%s is %q, %v", raw, back, err)
			}
		}
	}
	if got, err := read[string](t, `"\"\\\/\b\f\n\r\t"`); got != "\"\\/\b\f\n\r\t" || err != nil {
		t.Errorf("the short escapes are %q, %v", got, err)
	}
}

func TestJSON_readingOverwritesAll(t *testing.T) {
	text := "old"
	full := everything{
		Bool: true, I64: 1, Text: "old", Bytes: []byte("old"), At: time.Now(), Ptr: &text, List: []int32{1, 2, 3},
		Map: map[string]float64{"old": 1}, Tree: &tree{Name: "old"},
	}
	list, dict, past := full.List, full.Map, full.Tree
	if got, err := read(t, `{}`, full); !reflect.DeepEqual(got, everything{}) || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	got, err := read(t, `{"list":[9],"map":{"new":2},"tree":{"past":null},"ptr":"new"}`, full)
	if err != nil || len(got.List) != 1 || len(got.Map) != 1 || got.Tree.Name != "" || *got.Ptr != "new" {
		t.Errorf("%+v, %v", got, err)
	}
	if list[0] != 1 || len(dict) != 1 || past.Name != "old" || text != "old" {
		t.Error("reading wrote into what the old value pointed to")
	}
}

func TestJSON_anyValueIsNone(t *testing.T) {
	for _, raw := range []string{`null`, `{}`, `{"a":[1]}`, `17`} {
		if _, err := read[contract.None](t, raw); err != nil {
			t.Errorf("%s as None: %v", raw, err)
		}
	}
}

func TestJSON_duplicateMembers_theLastCounts(t *testing.T) {
	got, err := read[tree](t, `{"past":{"name":"first","leaves":[{}]},"name":"a","Past":{"byName":{}},"NAME":"b"}`)
	want := tree{Name: "b", Past: &tree{ByName: map[string]tree{}}}
	if !reflect.DeepEqual(got, want) || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	dict, err := read[map[string][]int](t, `{"a":[1,2],"a":[3],"A":[]}`)
	if !reflect.DeepEqual(dict, map[string][]int{"a": {3}, "A": {}}) || err != nil {
		t.Errorf("%v, %v", dict, err)
	}
}

func TestJSON_mapValuesShareNothing(t *testing.T) {
	got, err := read[map[string]tree](t, `{"a":{"name":"a","leaves":[{"name":"x"}]},"b":{"leaves":[{"name":"y"}]}}`)
	want := map[string]tree{"a": {Name: "a", Leaves: []tree{{Name: "x"}}}, "b": {Leaves: []tree{{Name: "y"}}}}
	if !reflect.DeepEqual(got, want) || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestJSON_time(t *testing.T) {
	utc := func(h, m, s, ns int) time.Time { return time.Date(2026, 2, 28, h, m, s, ns, time.UTC) }
	for raw, want := range map[string]time.Time{
		`"2026-02-28T13:05:06Z"`:                    utc(13, 5, 6, 0),
		`"2026-02-28T13:05:06.123Z"`:                utc(13, 5, 6, 123e6),
		`"2026-02-28T13:05:06.1234567+01:30"`:       utc(11, 35, 6, 123456700),
		`"2026-02-28T13:05:06.1234567891234-00:00"`: utc(13, 5, 6, 123456789),
		`"2026-02-28T13:05:06.5"`:                   utc(13, 5, 6, 5e8),
		`"2026-02-28T13:05:06"`:                     utc(13, 5, 6, 0),
		`"2026-02-28T13:05"`:                        utc(13, 5, 0, 0),
		`"2026-02-28T13:05+02:00"`:                  utc(11, 5, 0, 0),
		`"2026-02-28"`:                              utc(0, 0, 0, 0),
		`"\u00322026-02-28"`:                        {},
		`"2026-02-28\u005413:05:06Z"`:               utc(13, 5, 6, 0),
	} {
		got, err := read[time.Time](t, raw)
		if want.IsZero() {
			if err == nil {
				t.Errorf("%s was taken as %s", raw, got)
			}
			continue
		}
		if !got.Equal(want) || err != nil {
			t.Errorf("%s is %s, %v, want %s", raw, got, err, want)
		}
	}
	for _, raw := range []string{
		`""`, `"now"`, `"2026-02-30"`, `"2026-2-3"`, `"2026-02-28 13:05:06Z"`, `"2026-02-28t13:05:06z"`, `"2026-02-28T1:05:06Z"`,
		`"2026-02-28T24:00:00Z"`, `"2026-02-28T13:05:06,5Z"`, `"2026-02-28T13:05:06."`, `"2026-02-28T13:05:06.Z"`,
		`"2026-02-28T13:05:06+0100"`, `"2026-02-28T13:05:06+25:00"`, `"2026-02-28T13:05:06+01:61"`, `"2026-02-28T13"`, `"2026-02-28Z"`,
		`"2026-02-28T13:05.5"`, `"+2026-02-28"`, `"12026-02-28"`, `1772283906`, `true`, `{}`, `[]`,
	} {
		if got, err := read[time.Time](t, raw); !errors.Is(err, wire.ErrType) {
			t.Errorf("%s is %s, %v", raw, got, err)
		}
	}
}

func TestJSON_timeThatISO8601CannotSay(t *testing.T) {
	for want, v := range map[string]time.Time{
		`"1890-01-01T00:00:00Z"`: time.Date(1890, 1, 1, 0, 53, 28, 0, time.FixedZone("LMT", 53*60+28)),
		`"2025-12-31T12:00:00Z"`: time.Date(2026, 1, 2, 0, 0, 0, 0, time.FixedZone("", 36*3600)),
		`"0000-01-01T00:00:00Z"`: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := write(t, v); got != want || err != nil {
			t.Errorf("%s is written %s, %v, want %s", v, got, err, want)
		}
	}
	for _, year := range []int{-1, 10000} {
		if got, err := write(t, time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.Is(err, wire.ErrType) {
			t.Errorf("the year %d is written %s, %v", year, got, err)
		}
	}
}

// TestJSON_asEncodingJSON compares with another implementation where the two
// mean the same: names as declared, and values without a raw part.
func TestJSON_asEncodingJSON(t *testing.T) {
	type value struct {
		Bool  bool
		I8    int8
		I64   int64
		U8    uint8
		U64   uint64
		F32   float32
		F64   float64
		Text  string
		Bytes []byte
		Ptr   *int16
		List  []string
		Map   map[string]uint32
		Inner struct{ A []float64 }
	}
	p := planOf[value](t)
	agree := func(v value) bool {
		theirs, err := json.Marshal(v)
		if err != nil {
			return false
		}
		ours, err := wire.AppendDeclared(nil, p, reflectOf(v))
		if err != nil {
			t.Log(err)
			return false
		}
		var fromOurs, fromTheirs value
		if err := json.Unmarshal(ours, &fromOurs); err != nil || !reflect.DeepEqual(fromOurs, v) {
			t.Logf("encoding/json reads %s as %+v, %v", ours, fromOurs, err)
			return false
		}
		if err := wire.JSON.ReadValue(theirs, p, settable(&fromTheirs)); err != nil || !reflect.DeepEqual(fromTheirs, v) {
			t.Logf("we read %s as %+v, %v", theirs, fromTheirs, err)
			return false
		}
		return true
	}
	if err := quick.Check(agree, &quick.Config{MaxCount: 500}); err != nil {
		t.Error(err)
	}
}
