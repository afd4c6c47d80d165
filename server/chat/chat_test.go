package chat_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"partline.dev/server/chat"
	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	contract "partline.dev/shared/chat"
	scopes "partline.dev/shared/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kept is the hub with a log of its own.
func kept() (*hub.Mux, history.Log) {
	log := history.NewMemory(history.Limits{})
	return chat.New(log), log
}

// post posts a text, or fails the test.
func post(t *testing.T, c *hubtest.Client, text string) contract.Posted {
	t.Helper()
	at, err := hubtest.Call(t.Context(), c, contract.PostMethod, contract.Post{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// replayed is all of a replay.
func replayed(t *testing.T, c *hubtest.Client, since contract.Since) (all []contract.Item) {
	t.Helper()
	for item, err := range hubtest.Open(t.Context(), c, contract.Replay, since) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, item)
	}
	return all
}

// texts are the texts of messages, and a dash for each gap.
func texts(items []contract.Item) string {
	var all []string
	for _, item := range items {
		if item.Gap != nil {
			all = append(all, "-")
		} else {
			all = append(all, item.Message.Text)
		}
	}
	return strings.Join(all, " ")
}

func TestPost_isHeardKeptAndReplayed(t *testing.T) {
	m, _ := kept()
	h := hubtest.New(t, m)
	ann, bob := h.Connect(hub.Principal{ID: "ann", Name: "Ann"}), h.Connect(hub.Principal{})
	first, second := post(t, ann, "one"), post(t, bob, "two")
	if first.Epoch == "" || first.Epoch != second.Epoch || first.Offset != 1 || second.Offset != 2 || first.At == 0 {
		t.Errorf("posted at %v and %v", first, second)
	}
	want := []contract.Message{
		{Epoch: first.Epoch, Offset: 1, At: first.At, Author: "Ann", Text: "one"},
		{Epoch: first.Epoch, Offset: 2, At: second.At, Text: "two"},
	}
	for name, c := range map[string]*hubtest.Client{"ann": ann, "bob": bob} {
		got := hubtest.Heard(t, c, contract.MessageEvent)
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%s heard %v", name, got)
		}
	}
	carol := h.Connect(hub.Principal{})
	all := replayed(t, carol, contract.Since{})
	if len(all) != 2 || *all[0].Message != want[0] || *all[1].Message != want[1] {
		t.Errorf("carol is replayed %s", texts(all))
	}
	if got := texts(replayed(t, carol, contract.Since{Epoch: first.Epoch, Offset: 1})); got != "two" {
		t.Errorf("since the first: %s", got)
	}
	if got := replayed(t, carol, contract.Since(history.Position{Epoch: first.Epoch, Offset: 2})); len(got) != 0 {
		t.Errorf("since the last: %v", got)
	}
}

func TestPost_whereNothingIsKept(t *testing.T) {
	m, _ := kept()
	page := access.Where{Scope: scopes.ScopePage, Page: hubtest.ID("a page")}
	session := access.Where{Scope: scopes.ScopeSession, Session: hubtest.ID("a browser")}
	h := hubtest.New(t, m)
	lost := hubtest.New(t, chat.New(nil))
	for name, c := range map[string]*hubtest.Client{
		"page": h.ConnectIn(hub.Principal{}, page), "session": h.ConnectIn(hub.Principal{}, session),
		"no log": lost.ConnectIn(hub.Principal{}, access.Where{Scope: scopes.ScopePlace, Place: "hall"}),
	} {
		at := post(t, c, "hello")
		if at.Epoch != "" || at.Offset != 0 || at.At == 0 {
			t.Errorf("%s: posted at %v", name, at)
		}
		if got := hubtest.Heard(t, c, contract.MessageEvent); len(got) != 1 || got[0] != (contract.Message{At: at.At, Text: "hello"}) {
			t.Errorf("%s: heard %v", name, got)
		}
		if got := replayed(t, c, contract.Since{}); len(got) != 0 {
			t.Errorf("%s: replayed %v", name, got)
		}
	}
}

func TestReplay_isOfTheCallersRoomAlone(t *testing.T) {
	m, _ := kept()
	h := hubtest.New(t, m)
	in := func(tenant, user string, scope scopes.Scope, place string) *hubtest.Client {
		return h.ConnectIn(hub.Principal{Tenant: tenant, ID: user}, access.Where{Scope: scope, Place: place})
	}
	rooms := map[string]*hubtest.Client{
		"tenant":       in("", "ann", scopes.ScopeTenant, ""),
		"contoso":      in("contoso", "ann", scopes.ScopeTenant, ""),
		"user":         in("", "ann", scopes.ScopeUser, ""),
		"bob":          in("", "bob", scopes.ScopeUser, ""),
		"contoso-user": in("contoso", "ann", scopes.ScopeUser, ""),
		"place":        in("", "ann", scopes.ScopePlace, "ann"),
		"colon":        in("", "ann", scopes.ScopePlace, "3:ann"),
		"tenant-colon": in("contoso5:place", "ann", scopes.ScopePlace, "hall"),
		"place-colon":  in("contoso", "ann", scopes.ScopePlace, "5:place4:hall"),
	}
	for name, c := range rooms {
		if at := post(t, c, name); at.Offset != 1 {
			t.Errorf("%s is at offset %d of a room of its own", name, at.Offset)
		}
	}
	for name, c := range rooms {
		if got := texts(replayed(t, c, contract.Since{})); got != name {
			t.Errorf("%s reads %s", name, got)
		}
	}
}

func TestPost_refused(t *testing.T) { synctest.Test(t, postRefused) }

func postRefused(t *testing.T) {
	m, log := kept()
	h := hubtest.NewWith(t, m, hub.Options{Rules: func(p hub.Principal, _ string) *hub.Rules {
		r := &hub.Rules{Scopes: scopes.ScopesOf(scopes.ScopeTenant), RoomRate: hub.Rate{Messages: 1}}
		if p.ID != "reader" {
			r.Speaks = r.Scopes
		}
		return r
	}, MessageLimit: 1 << 20})
	reader, ann := h.Connect(hub.Principal{ID: "reader"}), h.Connect(hub.Principal{ID: "ann"})
	refused := func(name string, c *hubtest.Client, text string, code access.Code) {
		t.Helper()
		refusal := (*access.Refusal)(nil)
		if _, err := hubtest.Call(t.Context(), c, contract.PostMethod, contract.Post{Text: text}); !errors.As(err, &refusal) || refusal.Code != code {
			t.Errorf("%s: %v, want [%s]", name, err, code)
		}
	}
	refused("nothing", ann, "", contract.CodeText)
	refused("too long", ann, strings.Repeat("x", contract.MaxText+1), contract.CodeText)
	refused("by who may only listen", reader, "hello", access.CodeSpeak)
	longest := strings.Repeat("x", contract.MaxText)
	if at := post(t, ann, longest); at.Offset != 1 {
		t.Errorf("what was refused was kept: the first is at %d", at.Offset)
	}
	refused("more than the room takes", ann, "hello", access.CodeRate)
	page, err := log.Read(t.Context(), "4:chat0:6:tenant0:", history.Position{}, 0)
	if err != nil || page.Last != 1 {
		t.Errorf("the log has %d records, %v", page.Last, err)
	}
	for name, c := range map[string]*hubtest.Client{"the reader": reader, "ann": ann} {
		if got := hubtest.Heard(t, c, contract.MessageEvent); len(got) != 1 || got[0].Text != longest {
			t.Errorf("%s heard %d messages, want the one", name, len(got))
		}
	}
	if got := texts(replayed(t, reader, contract.Since{})); got != longest {
		t.Error("who may only listen cannot read what was said")
	}
}

func TestPost_whenTheLogIsFull(t *testing.T) {
	h := hubtest.New(t, chat.New(history.NewMemory(history.Limits{Bytes: 1})))
	ann := h.Connect(hub.Principal{})
	_, err := hubtest.Call(t.Context(), ann, contract.PostMethod, contract.Post{Text: "hello"})
	if refusal := (*access.Refusal)(nil); !errors.As(err, &refusal) || refusal.Code != contract.CodeFull {
		t.Errorf("a full log: %v", err)
	}
	hubtest.NotHeard(t, ann, contract.MessageEvent)
}

// Pages of SignalR 2 post and hear as others do. They have no streams, so they begin
// with what comes.
func TestPost_ofAPage(t *testing.T) {
	m, _ := kept()
	h := hubtest.New(t, m)
	page, ann := h.ConnectPage(hub.Principal{Name: "Ben"}), h.Connect(hub.Principal{})
	at := post(t, page, "hello")
	want := contract.Message{Epoch: at.Epoch, Offset: 1, At: at.At, Author: "Ben (guest)", Text: "hello"}
	for name, c := range map[string]*hubtest.Client{"the page": page, "ann": ann} {
		if got := hubtest.Heard(t, c, contract.MessageEvent); len(got) != 1 || got[0] != want {
			t.Errorf("%s heard %v", name, got)
		}
	}
}

// Who has gone while a message was stored has posted it: the others hear it.
func TestPost_ofWhoIsGone(t *testing.T) {
	log := &slow{Log: history.NewMemory(history.Limits{}), stores: make(chan struct{}), goes: make(chan struct{})}
	h := hubtest.New(t, chat.New(log))
	ann, bob := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error)
	go func() {
		_, err := hubtest.Call(ctx, ann, contract.PostMethod, contract.Post{Text: "bye"})
		answered <- err
	}()
	<-log.stores
	cancel()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("the call ends with %v", err)
	}
	ann.Close()
	close(log.goes)
	if m := hubtest.Await(t, bob, contract.MessageEvent); m.Text != "bye" || m.Offset != 1 {
		t.Errorf("heard %v", m)
	}
}

// slow is a log that stores a record when it may, whoever has gone meanwhile.
type slow struct {
	history.Log

	stores, goes chan struct{}
}

func (l *slow) Append(ctx context.Context, room string, data []byte, then func(history.Position, history.Record)) (history.Position, error) {
	close(l.stores)
	<-l.goes
	return l.Log.Append(context.WithoutCancel(ctx), room, data, then)
}
