package wire_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// colour is an enum.
type colour int16

func (colour) EnumNames() map[int64]string {
	return map[int64]string{-1: "Unknown", 0: "Red", 1: "DarkGreen", 300: "Blau"}
}

// mask is an enum without a sign.
type mask uint64

func (mask) EnumNames() map[int64]string { return map[int64]string{1: "Low", math.MaxInt64: "High"} }

// values is one table for both codecs: Go values that must come back equal.
var values = []any{
	true, false, int8(-128), int8(127), int16(-32768), int32(math.MinInt32), int64(math.MinInt64), int64(math.MaxInt64),
	uint8(255), uint16(256), uint32(1 << 20), uint64(math.MaxUint64), 0, 1, -1, 31, 32, -32, -33, 127, 128, 255, 256, -128, -129, 65535, 65536,
	-32768, -32769, int64(1 << 31), int64(1<<32 - 1), int64(1 << 32), int64(1 << 53), int64(-(1 << 53)),
	0.0, 1.0, 0.1, -1e-9, 1e21, math.MaxFloat64, math.SmallestNonzeroFloat64, float32(0.1), float32(math.MaxFloat32), math.Pi,
	"", "a", "Größe 🙂 \u2028\x00\x1e\"\\", strings.Repeat("x", 31), strings.Repeat("x", 32), strings.Repeat("x", 255),
	strings.Repeat("x", 256), strings.Repeat("x", 65535), strings.Repeat("x", 65536),
	[]byte(nil), []byte{}, []byte{0, 0xff, 0xc1}, make([]byte, 255), make([]byte, 256), make([]byte, 65536),
	time.Time{}, time.Unix(0, 0).UTC(), time.Unix(0, 1).UTC(), time.Unix(-1, 999_999_999).UTC(), time.Unix(1<<32-1, 0).UTC(),
	time.Unix(1<<32, 0).UTC(), time.Unix(1<<34-1, 1).UTC(), time.Unix(1<<34, 0).UTC(), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
	time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
	contract.None{}, contract.RawJSON(nil), contract.RawJSON(`{"a":[1,-2.5,"x",null,true,{}],"b":18446744073709551615}`),
	colour(0), colour(1), colour(-1), colour(300), colour(2), colour(-32768), mask(1), mask(0), mask(math.MaxInt64), mask(math.MaxUint64),
	level(200), time.March, []colour{0, 1}, map[string]colour{"a": 1, "b": 7},
	(*int)(nil), new(int), (*tree)(nil), &tree{Name: "t", Past: &tree{}, Leaves: []tree{{Name: "l"}}, ByName: map[string]tree{"": {}}},
	[]int(nil), []int{}, []int{1, 2, 3}, make([]int8, 15), make([]int8, 16), make([]int8, 65536), []string{"a", ""}, [][]byte{nil, {1}},
	odd{odd{}, nil}, map[string]int(nil), map[string]int{}, map[string]int{"b": 1, "a": 2, "": 3}, map[roomID][]string{"r": nil, "s": {}},
	struct{}{}, struct{ A, B string }{"a", ""}, named{ID: "i", URLPath: "u", MaxSize: 3},
}

func TestCodecs_values(t *testing.T) {
	each(t, func(t *testing.T, c wire.Codec) {
		for _, v := range values {
			p, err := wire.PlanOf(reflect.TypeOf(v))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := c.AppendValue([]byte("before"), p, reflectOf(v))
			if err != nil {
				t.Errorf("%T %.80v cannot be written: %v", v, v, err)
				continue
			}
			raw = raw[len("before"):]
			back := reflect.New(p.Type())
			err = c.ReadValue(raw, p, back.Elem())
			if got := back.Elem().Interface(); err != nil || !reflect.DeepEqual(got, v) {
				t.Errorf("%T %.80v is %.80q and then %.80v, %v", v, v, raw, got, err)
			}
		}
	})
}

// A program that passes a value on as RawJSON, to peers of the other codec, must
// not change it. (Bytes it cannot tell from text.)
func TestCodecs_valuesThroughRawJSON(t *testing.T) {
	raw := planOf[contract.RawJSON](t)
	for _, from := range codecs {
		for _, to := range codecs {
			for _, v := range values {
				p, err := wire.PlanOf(reflect.TypeOf(v))
				if err != nil {
					t.Fatal(err)
				}
				if from == to && from == wire.JSON || p.Type() == reflect.TypeFor[[]byte]() || p.Type() == reflect.TypeFor[[][]byte]() {
					continue
				}
				sent, err := from.AppendValue(nil, p, reflectOf(v))
				if err != nil {
					t.Fatal(err)
				}
				var held contract.RawJSON
				if err := from.ReadValue(sent, raw, settable(&held)); err != nil {
					t.Errorf("%T %.80v cannot be held as JSON: %v", v, v, err)
					continue
				}
				passed, err := to.AppendValue(nil, raw, reflectOf(held))
				if err != nil {
					t.Errorf("%T %.80v cannot be passed on: %v", v, v, err)
					continue
				}
				back := reflect.New(p.Type())
				err = to.ReadValue(passed, p, back.Elem())
				got := back.Elem().Interface()
				if from == wire.MessagePack && to == wire.JSON && enumIn(p.Type()) {
					continue // in JSON an enum is a number, and nobody told the program which
				}
				if err != nil || !reflect.DeepEqual(got, v) {
					t.Errorf("%T %.80v from %s is %.80s, and in %s %.80v, %v", v, v, from.Name(), held, to.Name(), got, err)
				}
			}
		}
	}
}

func enumIn(t reflect.Type) bool {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t.Implements(reflect.TypeFor[contract.Enum]())
}

// Any value that one takes the other takes, and the other way round.
func TestCodecs_agreeOnWhatCanTravel(t *testing.T) {
	type value struct {
		Bool   bool
		I8     int8
		I64    int64
		U8     uint8
		U64    uint64
		F32    float32
		F64    float64
		Text   string
		Bytes  []byte
		Ptr    *int16
		List   []string
		Map    map[string]uint32
		Colour colour
		Mask   mask
		Inner  struct{ A []float64 }
	}
	p := planOf[value](t)
	agree := func(v value) bool {
		for _, c := range codecs {
			raw, err := c.AppendValue(nil, p, reflectOf(v))
			if err != nil {
				t.Log(c.Name(), err)
				return false
			}
			var back value
			if err := c.ReadValue(raw, p, settable(&back)); err != nil || !reflect.DeepEqual(back, v) {
				t.Logf("%s: %q is %+v, %v", c.Name(), raw, back, err)
				return false
			}
		}
		return true
	}
	if err := quick.Check(agree, &quick.Config{MaxCount: 500}); err != nil {
		t.Error(err)
	}
}
