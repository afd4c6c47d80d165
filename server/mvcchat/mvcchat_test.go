package mvcchat_test

import (
	"testing"

	"go.uber.org/goleak"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/server/mvcchat"
	contract "partline.dev/shared/mvcchat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSend_isHeardByEverybodyOnce(t *testing.T) {
	h := hubtest.New(t, mvcchat.New())
	ann, bob := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	line := contract.Send{Name: "Ann", Message: "hello"}
	if _, err := hubtest.Call(t.Context(), ann, contract.SendMethod, line); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*hubtest.Client{"ann": ann, "bob": bob} {
		got := hubtest.Heard(t, c, contract.AddNewMessageToPage)
		if len(got) != 1 || got[0] != contract.NewMessage(line) {
			t.Errorf("%s heard %v, want the line once", name, got)
		}
	}
}
