package access_test

import (
	"testing"

	"partline.dev/shared/access"
)

func TestParseRefusal(t *testing.T) {
	for text, want := range map[string]access.Refusal{
		(&access.Refusal{Code: access.CodeRate, Message: "You are sending too fast."}).Error(): {Code: "rate", Message: "You are sending too fast."},
		"[later-one] From a newer server [rate] x":                                             {Code: "later-one", Message: "From a newer server [rate] x"},
		"[speak] ": {Code: "speak"},
	} {
		if got, ok := access.ParseRefusal(text); !ok || got != want {
			t.Errorf("%q is read as %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "rate", "Item [rate] not found", " [rate] x", "[rate]", "[rate", "[RATE] x", "[[] x", "[a-code-that-is-longer-than-any-code-can-be] x"} {
		if got, ok := access.ParseRefusal(text); ok {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func FuzzParseRefusal(f *testing.F) {
	f.Add("[rate] You are sending too fast.")
	f.Add("HubException: [speak] [x] ")
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := access.ParseRefusal(text)
		if !ok {
			return
		}
		if again, ok := access.ParseRefusal(r.Error()); !ok || again != r {
			t.Errorf("%+v came back as %+v", r, again)
		}
	})
}
