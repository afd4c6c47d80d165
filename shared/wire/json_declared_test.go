package wire_test

import (
	"reflect"
	"testing"

	"partline.dev/shared/wire"
)

type declared struct {
	UserID string
	URL    string
	Inner  struct{ DateTime int }
}

// Where ASP.NET Core has no naming policy, names are as they were declared; they
// are read in any case, as everywhere.
func TestJSONAsDeclared(t *testing.T) {
	plan, err := wire.PlanOf(reflect.TypeFor[declared]())
	if err != nil {
		t.Fatal(err)
	}
	v := declared{UserID: "ann", URL: "/"}
	v.Inner.DateTime = 7
	for codec, want := range map[wire.Codec]string{
		wire.JSON:           `{"userID":"ann","url":"/","inner":{"dateTime":7}}`,
		wire.JSONAsDeclared: `{"UserID":"ann","URL":"/","Inner":{"DateTime":7}}`,
	} {
		got, err := codec.AppendValue(nil, plan, reflect.ValueOf(v))
		if err != nil || string(got) != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
		for _, text := range []string{want, `{"USERID":"ann","url":"/","inner":{"datetime":7}}`} {
			var back declared
			if err := codec.ReadValue([]byte(text), plan, reflect.ValueOf(&back).Elem()); err != nil || back != v {
				t.Errorf("%s is read as %+v, %v", text, back, err)
			}
		}
	}
	if wire.JSONAsDeclared.Name() != "json" {
		t.Error("it has a name of its own")
	}
}
