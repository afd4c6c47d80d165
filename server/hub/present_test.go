package hub_test

import (
	"slices"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

func TestConnections(t *testing.T) {
	m := talk(nil)
	if list, total := m.Connections("", nil, 10, ""); list != nil || total != 0 {
		t.Errorf("before Mount: %v, %d", list, total)
	}
	h := hubtest.New(t, m)
	ann := hub.Principal{Tenant: "x", ID: "ann", Name: "Ann", Claims: map[string]string{"secret": "1"}}
	page := access.Where{Scope: "page", Page: hubtest.ID("p")}
	var ids []string
	for range 3 {
		ids = append(ids, h.ConnectIn(ann, page).ID())
	}
	guest, stranger := h.ConnectPage(hub.Principal{Tenant: "x"}), h.Connect(hub.Principal{Tenant: "y", ID: "ann"})
	ids = append(ids, guest.ID())
	slices.Sort(ids)
	if err := m.Join(guest.ID(), "g"); err != nil {
		t.Fatal(err)
	}
	in := m.In("x")
	for _, row := range []struct {
		name  string
		in    hub.Target
		limit int
		after string
		total int
		want  []string
	}{
		{"all", in.All(), 10, "", 4, ids},
		{"the first", in.All(), 2, "", 4, ids[:2]},
		{"the next", in.All(), 2, ids[1], 4, ids[2:]},
		{"after the last", in.All(), 2, ids[3], 4, nil},
		{"how many", in.All(), 0, "", 4, nil},
		{"less than none", in.All(), -1, "", 4, nil},
		{"but one", in.AllExcept(ids[0]), 10, "", 3, ids[1:]},
		{"a user", in.User("ann"), 10, "", 3, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == guest.ID() })},
		{"a group", in.Groups("g", "g", "h"), 10, "", 1, []string{guest.ID()}},
		{"a page", in.InScope(contract.ScopePage, page.Page), 0, "", 3, nil},
		{"no page", in.InScope(contract.ScopePage, "forged"), 10, "", 0, nil},
		{"one", in.Client(ids[0]), 10, "", 1, ids[:1]},
		{"some", in.Clients(ids[1], stranger.ID(), ids[1]), 10, "", 1, ids[1:2]},
		{"of another tenant", m.In("y").All(), 10, "", 0, nil},
		{"of another hub", talk(nil).In("x").All(), 10, "", 0, nil},
	} {
		list, total := m.Connections("x", &row.in, row.limit, row.after)
		var got []string
		for _, p := range list {
			got = append(got, p.ConnectionID)
		}
		if total != row.total || !slices.Equal(got, row.want) {
			t.Errorf("%s: %v of %d, want %v of %d", row.name, got, total, row.want, row.total)
		}
	}
	list, total := m.Connections("y", nil, 10, "")
	if total != 1 || list[0].ConnectionID != stranger.ID() || list[0].Principal.ID != "ann" || list[0].Scope != "tenant" || list[0].Since == 0 {
		t.Errorf("%+v", list)
	}
	for _, p := range first(m.Connections("x", nil, 10, "")) {
		if p.Principal.Claims != nil || p.ConnectionID != guest.ID() && (p.Scope != "page" || p.Principal.Name != "Ann") {
			t.Errorf("%+v", p)
		}
	}
}

func first[T any](list []T, _ int) []T { return list }
