package support_test

import (
	"testing"

	"partline.dev/examples/support"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/contract"
)

// everyone is every target there is, with what it is in C#.
func everyone(x *hub.Context, id, other, user string, said support.Said) {
	targets := []hub.Target{
		x.All(),                    // Clients.All
		x.Others(),                 // Clients.Others
		x.Caller(),                 // Clients.Caller
		x.AllExcept(id, other),     // Clients.AllExcept(id, other)
		x.Client(id),               // Clients.Client(id)
		x.Clients(id, other),       // Clients.Clients(id, other)
		x.Group("lobby"),           // Clients.Group("lobby")
		x.Groups("lobby", "desk"),  // Clients.Groups("lobby", "desk")
		x.GroupExcept("lobby", id), // Clients.GroupExcept("lobby", id)
		x.OthersInGroup("lobby"),   // Clients.OthersInGroup("lobby")
		x.User(user),               // Clients.User(user)
		x.Users(user, "bob"),       // Clients.Users(user, "bob")
	}
	for _, target := range targets {
		_ = hub.Publish(x, target, tell, said) // await target.Message(...)
	}
}

// about is what a call knows, with what it is in C#.
func about(x *hub.Context) []any {
	return []any{
		x.ConnectionID(),          // Context.ConnectionId
		x.Principal().ID,          // Context.UserIdentifier
		x.Principal().Name,        // Context.User.Identity.Name
		x.Principal().Roles,       // Context.User.IsInRole(...)
		x.Principal().Claims["x"], // Context.User.FindFirst("x")
		x.Done(),                  // Context.ConnectionAborted, and a method's CancellationToken
		x.Err() != nil,            // Context.ConnectionAborted.IsCancellationRequested
	}
}

var (
	targetsHub = contract.NewHub("targets")
	tellAll    = contract.NewMethod[support.Said, int](targetsHub, "TellAll")
	tell       = contract.NewEvent[support.Said](targetsHub, "tell")
)

// Whoever is left out is left out: of the twelve targets, one who is nobody's
// user hears what all hear, and what is for her connection or groups.
func TestTargets_reachThoseThatTheyName(t *testing.T) {
	m := hub.New(contract.NewAPI(targetsHub, tellAll, tell))
	var ann *hubtest.Client
	m.OnConnect(func(x *hub.Context) error { return x.Join("lobby") })
	hub.Handle(m, tellAll, func(x *hub.Context, s support.Said) (int, error) {
		everyone(x, ann.ID(), "nobody", "bob", s)
		return len(about(x)), nil
	})
	h := hubtest.New(t, m)
	ann = h.Connect(hub.Principal{ID: "ann"})
	bob := h.Connect(hub.Principal{ID: "bob"})
	h.Settle()
	if n, err := hubtest.Call(t.Context(), bob, tellAll, support.Said{Text: "hello"}); n != 7 || err != nil {
		t.Fatal(n, err)
	}
	// All, Others, Client, Clients, Group, Groups, OthersInGroup.
	if got := len(hubtest.Heard(t, ann, tell)); got != 7 {
		t.Errorf("ann hears it %d times", got)
	}
	// All, Caller, AllExcept, Group, Groups, GroupExcept, User, Users.
	if got := len(hubtest.Heard(t, bob, tell)); got != 8 {
		t.Errorf("bob hears it %d times", got)
	}
}
