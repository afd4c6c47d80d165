package wire_test

import (
	"reflect"
	"testing"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

type (
	enumOfNothing  int
	enumTwice      int
	enumDigits     int
	enumUnnamed    int
	enumTooLarge   int8
	enumBelowZero  uint8
	enumByPointer  int
	enumOfText     string
	enumOfTheWorld struct{ A int }
)

func (enumOfNothing) EnumNames() map[int64]string  { return nil }
func (enumTwice) EnumNames() map[int64]string      { return map[int64]string{0: "On", 1: "Off", 2: "ON"} }
func (enumDigits) EnumNames() map[int64]string     { return map[int64]string{0: "-12"} }
func (enumUnnamed) EnumNames() map[int64]string    { return map[int64]string{7: ""} }
func (enumTooLarge) EnumNames() map[int64]string   { return map[int64]string{128: "Much"} }
func (enumBelowZero) EnumNames() map[int64]string  { return map[int64]string{-1: "None"} }
func (*enumByPointer) EnumNames() map[int64]string { return map[int64]string{0: "On"} }
func (enumOfText) EnumNames() map[int64]string     { return map[int64]string{0: "On"} }
func (enumOfTheWorld) EnumNames() map[int64]string { return map[int64]string{0: "On"} }

func TestPlanOf_enumsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		typ  reflect.Type
		says string
	}{
		{reflect.TypeFor[enumOfNothing](), "wire: wire_test.enumOfNothing: EnumNames of wire_test.enumOfNothing names nothing"},
		{reflect.TypeFor[struct{ Rows []enumTwice }](), `wire: struct { Rows []wire_test.enumTwice }.Rows[]: EnumNames of wire_test.enumTwice: 0 and 2 have names, "ON" one of them, that differ at most in case`},
		{reflect.TypeFor[enumDigits](), `wire: wire_test.enumDigits: EnumNames of wire_test.enumDigits: the name "-12" of 0 reads as a number`},
		{reflect.TypeFor[enumUnnamed](), "wire: wire_test.enumUnnamed: EnumNames of wire_test.enumUnnamed: the name of 7: invalid name: it is empty"},
		{reflect.TypeFor[enumTooLarge](), `wire: wire_test.enumTooLarge: EnumNames of wire_test.enumTooLarge: "Much" is 128, which the type cannot hold`},
		{reflect.TypeFor[enumBelowZero](), `wire: wire_test.enumBelowZero: EnumNames of wire_test.enumBelowZero: "None" is -1, which the type cannot hold`},
		{reflect.TypeFor[enumByPointer](), "wire: wire_test.enumByPointer: EnumNames of wire_test.enumByPointer has a pointer receiver"},
		{reflect.TypeFor[*enumByPointer](), "wire: *wire_test.enumByPointer: EnumNames of wire_test.enumByPointer has a pointer receiver"},
		{reflect.TypeFor[enumOfText](), "wire: wire_test.enumOfText: wire_test.enumOfText has EnumNames and is not an integer type"},
		{reflect.TypeFor[enumOfTheWorld](), "wire: wire_test.enumOfTheWorld: wire_test.enumOfTheWorld has EnumNames and is not an integer type"},
	} {
		if _, err := wire.PlanOf(c.typ); err == nil || err.Error() != c.says {
			t.Errorf("%s: %v\nwant %s", c.typ, err, c.says)
		}
	}
	hub := contract.NewHub("chat")
	api := contract.NewAPI(hub, contract.NewEvent[struct{ Mode enumTwice }](hub, "changed"))
	if err := wire.CheckAPI(api); err == nil {
		t.Error("an API with such an enum can be served")
	}
}

func TestPlanOf_enumsThatCan(t *testing.T) {
	for _, typ := range []reflect.Type{
		reflect.TypeFor[colour](), reflect.TypeFor[*colour](), reflect.TypeFor[mask](), reflect.TypeFor[map[string][]*colour](),
	} {
		if _, err := wire.PlanOf(typ); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

func TestJSON_anEnumIsANumber(t *testing.T) {
	for v, want := range map[colour]string{0: "0", 1: "1", -1: "-1", 7: "7"} {
		got, err := write(t, v)
		if got != want || err != nil {
			t.Errorf("%d is written %s, %v", v, got, err)
		}
		if back, err := read[colour](t, got); back != v || err != nil {
			t.Errorf("%s is read %d, %v", got, back, err)
		}
	}
	if v, err := read[colour](t, `"Red"`); err == nil {
		t.Errorf("a name is %d", v)
	}
}
