package declared_test

import (
	"testing"

	"partline.dev/server/declared"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

// chat is the hub of the page of originals/2, in ten lines.
const chat = `hubs:
  chatHub:
    at: /mvc/signalr
    methods:
      Send:
        arguments: [name, message]
        publish: addNewMessageToPage
        to: all
`

// The same hub, as a client in Go has it.
type said struct{ Name, Message string }

var (
	chatHub   = contract.NewHub("chatHub")
	send      = contract.NewMethod[said, contract.None](chatHub, "Send")
	addToPage = contract.NewEvent[said](chatHub, "addNewMessageToPage")
)

func TestParse_aChat(t *testing.T) {
	hubs := parse(t, chat)
	if len(hubs) != 1 || len(hubs[0].Addresses) != 1 || hubs[0].Addresses[0] != "/mvc/signalr" || hubs[0].Shared {
		t.Fatalf("%+v", hubs)
	}
	h := hubtest.New(t, hubs[0].Mux)
	one, two := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	want := said{"Ann", "hello"}
	if _, err := hubtest.Call(t.Context(), one, send, want); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*hubtest.Client{one, two} {
		if got := hubtest.Await(t, c, addToPage); got != want {
			t.Errorf("heard %+v", got)
		}
	}
}

// parse reads a file without mistakes.
func parse(t *testing.T, text string) []declared.Hub {
	t.Helper()
	hubs, err := declared.Parse([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return hubs
}
