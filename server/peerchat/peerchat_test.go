package peerchat_test

import (
	"testing"

	"go.uber.org/goleak"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/server/peerchat"
	contract "partline.dev/shared/peerchat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHub_reachesAllOthers(t *testing.T) {
	h := hubtest.New(t, peerchat.New())
	ann, bob, carol := h.Connect(hub.Principal{}), h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	typing := contract.Typing{SenderID: "1", SenderName: "Ann"}
	if _, err := hubtest.Call(t.Context(), ann, contract.SendTypingMethod, typing); err != nil {
		t.Fatal(err)
	}
	said := contract.Message{SenderID: "1", SenderName: "Ann", Text: "hello"}
	if _, err := hubtest.Call(t.Context(), ann, contract.SendMethod, said); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*hubtest.Client{"bob": bob, "carol": carol} {
		if got := hubtest.Heard(t, c, contract.TypingEvent); len(got) != 1 || got[0] != typing {
			t.Errorf("%s hears typing %v", name, got)
		}
		if got := hubtest.Heard(t, c, contract.BroadcastMessage); len(got) != 1 || got[0] != said {
			t.Errorf("%s hears %v", name, got)
		}
	}
	if typing, said := hubtest.Heard(t, ann, contract.TypingEvent), hubtest.Heard(t, ann, contract.BroadcastMessage); len(typing)+len(said) > 0 {
		t.Errorf("the sender hears %v, %v", typing, said)
	}
}
