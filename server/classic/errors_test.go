package classic_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

func TestFails(t *testing.T) {
	candidates := []*contract.Descriptor{addOne.Descriptor(), addTwo.Descriptor()}
	public := hub.Answer{Err: fmt.Errorf("wrapped: %w", &hub.Error{Message: "No."}), Data: []byte(`{"A":7}`)}
	for _, c := range []struct {
		answer      hub.Answer
		plain, full string
	}{
		{hub.Answer{Err: hub.ErrUnknownMethod}, "", "'Nope' method could not be resolved. No method found with that name."},
		{
			hub.Answer{Err: classic.CountError(wire.ErrCount, candidates...)}, "",
			"'Nope' method could not be resolved. Potential candidates are: \nAdd(a:Int32):Int32\nAdd(a:Int32, b:Int32):Int32",
		},
		{hub.Answer{Err: classic.CountError(wire.ErrType, candidates...)}, "", "the arguments do not fit: the value does not fit the type"},
		{hub.Answer{Err: hub.ErrMethodUnauthorized}, "", "Caller is not authorized to invoke the Nope method on chathub."},
		{hub.Answer{Err: errors.New("disk full")}, "", "disk full"},
		{public, "No.", "No."},
	} {
		for _, detailed := range []bool{false, true} {
			h := newHandler(t, classic.Options{DetailedErrors: detailed})
			want := c.plain
			switch {
			case detailed:
				want = c.full
			case want == "":
				want = "There was an error invoking Hub method 'chathub.Nope'."
			}
			text, isPublic, data := h.Fails("chathub", "Nope", c.answer)
			if text != want || isPublic != (c.plain != "") || isPublic && string(data) != `{"A":7}` {
				t.Errorf("%v, detailed %v: %q, %v, %s", c.answer.Err, detailed, text, isPublic, data)
			}
		}
	}
}

func TestSignature(t *testing.T) {
	type nested struct{ X int }
	type request struct {
		Name   string
		URL    string
		At     time.Time
		Small  int32
		Ratio  float64
		Yes    bool
		Blob   []byte
		List   []string
		Map    map[string]int
		Point  *nested
		Any    contract.RawJSON
		Single float32
	}
	h := contract.NewHub("signatures")
	for want, d := range map[string]*contract.Descriptor{
		"Send(name:String, message:String):Void": sendMethod.Descriptor(),
		"Echo(name:String, message:String):line": echoMethod.Descriptor(),
		"Refuse():Void":                          refuseMethod.Descriptor(),
		"All(name:String, uRL:String, at:DateTime, small:Int32, ratio:Double, yes:Boolean, blob:Byte[], list:String[], map:IDictionary`2, point:nested, any:Object, single:Single):String[]": contract.NewMethod[request, []string](h, "All").Descriptor(),
	} {
		if got := classic.Signature(d); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
