package connected_test

import (
	"testing"

	"go.uber.org/goleak"

	"partline.dev/server/connected"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	contract "partline.dev/shared/connected"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSend_isHeardByEverybodyOnce(t *testing.T) {
	h := hubtest.New(t, connected.New())
	one, two := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	line := contract.Send{Name: "Part One", Message: "Hello World from App Part 1"}
	if _, err := hubtest.Call(t.Context(), one, contract.SendMethod, line); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*hubtest.Client{"the sender": one, "the other": two} {
		got := hubtest.Heard(t, c, contract.BroadcastMessage)
		if len(got) != 1 || got[0] != contract.Broadcast(line) {
			t.Errorf("%s heard %v, want the line once", name, got)
		}
	}
}
