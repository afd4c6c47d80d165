package declared_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

// What docs/declared-hubs.md shows is what these tests read, letter by letter.

func TestDocs_theChatIsTheReadmes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	files := blocks(t, string(readme))
	if len(files) != 1 || files[0] != chat || documented(t)[0] != chat {
		t.Errorf("the README shows\n%s\nand docs\n%s", files, documented(t)[0])
	}
	if lines := strings.Count(chat, "\n"); lines > 10 {
		t.Errorf("the chat takes %d lines", lines)
	}
}

// The rooms of docs, as a client in Go has them.
type (
	room   struct{ Room string }
	saying struct{ Room, Message string }
	loudly struct {
		Room, Message string
		Loud          bool
	}
	whisper struct{ To, Message string }
	joined  struct{ Room, UserName string }
	heard   struct {
		UserName, Message string
		Loud              bool
	}
	whispered struct{ UserID, Message string }
)

var (
	roomsHub     = contract.NewHub("rooms")
	joinRoom     = contract.NewMethod[room, contract.None](roomsHub, "Join")
	leaveRoom    = contract.NewMethod[room, contract.None](roomsHub, "Leave")
	say          = contract.NewMethod[saying, contract.None](roomsHub, "Say")
	sayLoudly    = contract.NewMethod[loudly, contract.None](roomsHub, "Say")
	whisperTo    = contract.NewMethod[whisper, contract.None](roomsHub, "Whisper")
	lobby        = contract.NewMethod[contract.None, string](roomsHub, "Lobby")
	joinedEvent  = contract.NewEvent[joined](roomsHub, "joined")
	heardEvent   = contract.NewEvent[heard](roomsHub, "said")
	whisperEvent = contract.NewEvent[whispered](roomsHub, "whispered")
)

// call is hubtest.Call that must succeed.
func call[Req, Res any](t *testing.T, c *hubtest.Client, m contract.Method[Req, Res], request Req) Res {
	t.Helper()
	result, err := hubtest.Call(t.Context(), c, m, request)
	if err != nil {
		t.Fatalf("%s: %v", m.Descriptor().Name(), err)
	}
	return result
}

func TestDocs_rooms(t *testing.T) {
	h := hubtest.New(t, parse(t, documented(t)[1])[0].Mux)
	ann := h.Connect(hub.Principal{ID: "a", Name: "Ann"})
	bob := h.Connect(hub.Principal{ID: "b", Name: "Bob"})
	guest := h.Connect(hub.Principal{})

	if got := call(t, ann, lobby, contract.None{}); got != "reception" {
		t.Errorf("the lobby is %q", got)
	}
	call(t, ann, joinRoom, room{"red"})
	call(t, bob, joinRoom, room{"red"})
	if got := hubtest.Await(t, ann, joinedEvent); got != (joined{"red", "Bob"}) {
		t.Errorf("Ann heard %+v", got)
	}
	call(t, ann, say, saying{"red", "hello"})
	call(t, guest, sayLoudly, loudly{"red", "HELLO", true})
	for _, c := range []*hubtest.Client{ann, bob} {
		for _, want := range []heard{{"Ann", "hello", false}, {"", "HELLO", true}} {
			if got := hubtest.Await(t, c, heardEvent); got != want {
				t.Errorf("heard %+v, not %+v", got, want)
			}
		}
	}
	call(t, bob, leaveRoom, room{"red"})
	call(t, ann, say, saying{"red", "still there?"})
	call(t, ann, whisperTo, whisper{"b", "psst"})
	if got := hubtest.Await(t, bob, whisperEvent); got != (whispered{"a", "psst"}) {
		t.Errorf("Bob heard %+v", got)
	}
	h.Settle()
	if got := hubtest.Heard(t, bob, heardEvent); len(got) > 0 {
		t.Errorf("Bob, who left, heard %+v", got)
	}
	if got := hubtest.Heard(t, guest, heardEvent); len(got) > 0 {
		t.Errorf("the guest, who never joined, heard %+v", got)
	}
}

type (
	name  struct{ Name string }
	count struct {
		Name  string
		Count int64
	}
)

func TestDocs_overloads(t *testing.T) {
	counter := contract.NewHub("counter")
	h := hubtest.New(t, parse(t, documented(t)[2])[0].Mux)
	c := h.Connect(hub.Principal{})
	call(t, c, contract.NewMethod[name, contract.None](counter, "Add"), name{"apples"})
	call(t, c, contract.NewMethod[count, contract.None](counter, "add"), count{"pears", 7})
	added := contract.NewEvent[count](counter, "added")
	for _, want := range []count{{"apples", 1}, {"pears", 7}} {
		if got := hubtest.Await(t, c, added); got != want {
			t.Errorf("heard %+v, not %+v", got, want)
		}
	}
}

func TestDocs_namesAddressesAndRoles(t *testing.T) {
	hubs := parse(t, documented(t)[3])
	type place struct {
		name, classic string
		shared        bool
		addresses     string
	}
	var got []place
	for _, h := range hubs {
		own := h.Mux.API().Hub()
		got = append(got, place{own.Name(), own.ClassicName(), h.Shared, strings.Join(h.Addresses, " ")})
	}
	want := []place{
		{"sales", "chatHub", false, "/sales/signalr /old/sales/signalr"},
		{"support", "chatHub", false, "/support/signalr"},
		{"status", "status", true, ""},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if err := hubs[0].Mux.Allows(hub.Principal{ID: "x", Roles: []string{"support"}}); err == nil {
		t.Error("support may connect to sales")
	}
	if err := hubs[2].Mux.Allows(hub.Principal{}); err != nil {
		t.Errorf("nobody may connect to status: %v", err)
	}
	h := hubtest.New(t, hubs[0].Mux)
	clearAll := contract.NewMethod[contract.None, contract.None](contract.NewHub("sales"), "Clear")
	call(t, h.Connect(hub.Principal{ID: "m", Roles: []string{"x", "managers"}}), clearAll, contract.None{})
	_, err := hubtest.Call(t.Context(), h.Connect(hub.Principal{ID: "s", Roles: []string{"sales"}}), clearAll, contract.None{})
	if err == nil || !strings.Contains(err.Error(), "user is unauthorized") {
		t.Errorf("who is no manager clears: %v", err)
	}
}
