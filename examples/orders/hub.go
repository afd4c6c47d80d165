package orders

import (
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// New returns the hub.
func New() *hub.Mux {
	m := hub.New(API)
	hub.Handle(m, Watch, watch)
	hub.Handle(m, Place, func(x *hub.Context, o Order) (none, error) {
		return place(x, Many{Store: o.Store, What: o.What, Count: 1})
	})
	hub.Handle(m, PlaceMany, place)
	hub.Handle(m, Import, imports)
	m.OnReconnect(func(x *hub.Context) { // public override Task OnReconnected()
		_ = hub.Publish(x, x.Caller(), WasPlaced, Placed{What: "welcome back"})
	})
	return m
}

// none is a result that says nothing but "done".
type none = contract.None

// A page that loses its connection and comes back is still in the group.
func watch(x *hub.Context, s Store) (none, error) {
	return none{}, x.Join(s.Name) // Groups.Add(Context.ConnectionId, name)
}

func place(x *hub.Context, o Many) (none, error) {
	by, err := hub.State[string](x, "userName") // Clients.Caller.userName
	if err != nil {
		return none{}, err
	}
	return none{}, hub.Publish(x, x.Group(o.Store), WasPlaced, Placed{By: by, What: o.What, Count: o.Count})
}

func imports(x *hub.Context, l List) (int, error) {
	for i, what := range l.Lines {
		if what == "" {
			// throw new HubException("...", new { Line = i + 1 })
			return i, &hub.Error{Message: "An order says nothing.", Data: Wrong{Line: i + 1}}
		}
		if _, err := place(x, Many{Store: l.Store, What: what, Count: 1}); err != nil {
			return i, err
		}
		if err := hub.Report(x, 100*(i+1)/len(l.Lines)); err != nil { // progress.Report(...)
			return i, err
		}
	}
	return len(l.Lines), hub.SetState(x, "placed", len(l.Lines)) // Clients.Caller.placed = ...
}
