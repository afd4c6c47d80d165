package part_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/app/address"
	"partline.dev/app/part"
	"partline.dev/shared/access"
	client "partline.dev/wasmclient"
)

func TestWithoutTicket(t *testing.T) {
	for _, e := range []struct{ text, want string }{
		{"", ""},
		{"?", "?"},
		{"?name=a%20b&theme=dark", "?name=a%20b&theme=dark"},
		{"?ticket=pt1.x", ""},
		{"#ticket=pt1.x", ""},
		{"?ticket=pt1.x&name=a+b", "?name=a+b"},
		{"?name=a&ticket=pt1.x", "?name=a"},
		{"?name=a&amp;ticket=pt1.x&amp;b=c", "?name=a&amp;b=c"},
		{"?ticket=pt1.x&amp;b=c", "?amp;b=c"},
		{"?TICKET=1&Ticket=2&name=a&%74icket=3", "?name=a"},
		{"?ticket", ""},
		{"?tickets=x&my-ticket=y", "?tickets=x&my-ticket=y"},
		{"#/a/place&ticket=pt1.x", "#/a/place"},
		{"?a=ticket=b&&c", "?a=ticket=b&&c"},
	} {
		if got := part.WithoutTicket(e.text); got != e.want {
			t.Errorf("of %q is left %q, not %q", e.text, got, e.want)
		}
	}
}

func FuzzWithoutTicket(f *testing.F) {
	for _, seed := range []string{"name=Left&amp;ticket=a", "%74icket=%ff", "&&ticket&=;", "ticket=_ticket_&NAME=x&amp;amp;ticket=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if len(query) > 4<<10 {
			return // of a longer one not all is read
		}
		want := address.Read(query)
		delete(want, address.Ticket)
		left := part.WithoutTicket("?" + query)
		if got := address.Read(strings.TrimPrefix(left, "?")); !maps.Equal(got, want) {
			t.Errorf("of %q is left %q, which says %q and not %q", query, left, got, want)
		}
		if again := part.WithoutTicket(left); again != left {
			t.Errorf("of %q is left %q, and of that %q", query, left, again)
		}
	})
}

// A ticket is said by one client alone. The others wait for its session token.
func TestTicket_isUsedByOneClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := part.NewPage(aPart(), "")
		p.ReadCredentials("?ticket=less", "#Ticket=pt1.more")
		one, two := p.Add(&fakeClient{}), p.Add(&fakeClient{})
		if token, err := one.Bearer(t.Context()); token != "" || err != nil || one.Join().Ticket != "pt1.more" {
			t.Fatalf("the first client has %q, %v and %+v", token, err, one.Join())
		}
		if token, err := one.Bearer(t.Context()); token != "" || err != nil {
			t.Errorf("when it tries again it has %q, %v", token, err)
		}
		if two.Join().Ticket != "" {
			t.Error("the second one has the ticket too")
		}
		got := make(chan string)
		go func() {
			token, _ := two.Bearer(context.Background())
			got <- token
		}()
		synctest.Wait()
		one.Keep("ps1.token")
		if token := <-got; token != "ps1.token" {
			t.Errorf("the second one goes on with %q", token)
		}
		if token, err := one.Bearer(t.Context()); token != "ps1.token" || err != nil || one.Join().Ticket != "" {
			t.Errorf("afterwards the first one has %q, %v and %+v", token, err, one.Join())
		}
	})
}

// Where one client fails with the ticket, another may try.
func TestTicket_isPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := part.NewPage(aPart(), "")
		p.ReadCredentials("", "#ticket=pt1.x")
		one, two := p.Add(&fakeClient{}), p.Add(&fakeClient{})
		_, _ = one.Bearer(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := two.Bearer(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second one does not wait: %v", err)
		}
		one.Hear(client.State{Err: errors.New("no way"), RetryAt: time.Now().Add(time.Second)})
		if _, err := two.Bearer(t.Context()); err != nil || two.Join().Ticket != "pt1.x" || one.Join().Ticket != "" {
			t.Errorf("the second one has %v, %+v; the first one %+v", err, two.Join(), one.Join())
		}
	})
}

// Who had a ticket does not become a guest by losing it.
func TestTicket_thatIsGone(t *testing.T) {
	p := part.NewPage(aPart(), "")
	p.ReadCredentials("", "#ticket=pt1.x")
	one := p.Add(&fakeClient{})
	one.Keep("ps1.a")
	one.Keep("")
	var said *client.Error
	if token, err := one.Bearer(t.Context()); !errors.As(err, &said) || said.Code != access.CodeTicketSpent {
		t.Errorf("it goes on with %q, %v", token, err)
	}
}

func TestTicket_isNone(t *testing.T) {
	p := part.NewPage(aPart(), "key=ek_a")
	p.ReadCredentials("?ticket=_ticket_", "#top")
	one := p.Add(&fakeClient{})
	token, err := one.Bearer(t.Context())
	if got := one.Join(); token != "" || err != nil || got.Ticket != "" || got.Key != "ek_a" {
		t.Errorf("a guest says %q, %v, %+v", token, err, got)
	}
}
