package hub_test

import (
	"errors"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

func TestPublishJSON(t *testing.T) {
	m := talk(nil)
	h := hubtest.New(t, m)
	c := h.Connect(hub.Principal{})
	publish := func(event, arguments string) error {
		return hub.PublishJSON(t.Context(), m.All(), event, []byte(arguments))
	}
	for arguments, want := range map[string]string{`["hello"]`: "hello", " [ \"a\\u00e9\" ] ": "aé"} {
		if err := publish("HEARD", arguments); err != nil {
			t.Errorf("%s: %v", arguments, err)
		}
		if got := hubtest.Heard(t, c, heardEvent); len(got) != 1 || got[0].Text != want {
			t.Errorf("%s: heard %q", arguments, got)
		}
	}
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	for _, bad := range []string{``, `null`, `{}`, `[]`, `[1]`, `["a","b"]`, `["a"`, `["a"]x`, `["a",]`, "[\"\xff\"]", `"a"`, deep} {
		if err := publish("heard", bad); !errors.Is(err, hub.ErrArguments) {
			t.Errorf("%q: %v, want ErrArguments", bad, err)
		}
	}
	for _, name := range []string{"", "Say", "$enter", "none"} {
		if err := publish(name, `["a"]`); !errors.Is(err, hub.ErrUnknownEvent) {
			t.Errorf("event %q: %v, want ErrUnknownEvent", name, err)
		}
	}
	hubtest.NotHeard(t, c, heardEvent)
	refused(t, "a page that cannot be", hub.PublishJSON(t.Context(), m.InScope(contract.ScopePage, "x"), "heard", []byte(`["a"]`)), access.CodeIdentifier)
	if err := hub.PublishJSON(t.Context(), hub.Target{}, "heard", nil); err == nil {
		t.Error("to nobody of no hub")
	}
	if err := hub.PublishJSON(t.Context(), hub.NewRaw("raw").All(), "heard", nil); !errors.Is(err, hub.ErrUnknownEvent) {
		t.Errorf("on a raw hub: %v", err)
	}
}
