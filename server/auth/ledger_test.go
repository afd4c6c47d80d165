package auth_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"partline.dev/server/auth"
	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// distant is a ledger somewhere else.
type distant struct {
	err   error
	asked []string
	until int64
}

func (l *distant) Spend(ctx context.Context, tenant, ticket string, until int64) error {
	l.asked, l.until = append(l.asked, tenant+" "+ticket), until
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return l.err
}

func TestLedger_isAskedOfWhoComesIn(t *testing.T) {
	ledger := &distant{}
	h := newHouse(t, func(o *auth.Options) { o.Ledger = ledger })
	before := time.Now().UnixMilli()
	ticket := h.mint(ann)
	admission, err := h.redeem(ticket, atChat)
	if err != nil || admission.Principal.ID != "ann" {
		t.Fatal(admission, err)
	}
	if want := "contoso " + admission.Principal.Session; len(ledger.asked) != 1 || ledger.asked[0] != want || ledger.until < before+grants.DefaultTicket.Milliseconds() {
		t.Errorf("it was asked for %q until %d, not %q", ledger.asked, ledger.until, want)
	}
	if auth.SpentOf(h.Authority) != 0 {
		t.Error("it is kept here, too")
	}
	at := atChat
	at.Admits = func(hub.Principal) error { return errors.New("no") }
	if _, err := h.redeem(ticket, at); err == nil || len(ledger.asked) != 1 {
		t.Errorf("who may not come in: %v, asked %q", err, ledger.asked)
	}
}

func TestLedger_refuses(t *testing.T) {
	ledger := &distant{}
	h := newHouse(t, func(o *auth.Options) { o.Ledger = ledger })
	for _, told := range []*access.Refusal{auth.ErrTicketSpent, {Code: access.CodeRate, Message: "Too many."}} {
		ledger.err = fmt.Errorf("tickets of contoso: %w", told)
		_, err := h.redeem(h.mint(ann), atChat)
		wantRefused(t, err, told.Code)
	}
	ledger.err = errors.New("no route to where the tickets are")
	_, err := h.redeem(h.mint(ann), atChat)
	if refused := front.CallerRefusal(hub.Principal{}, err); refused != front.ErrLater || !errors.Is(err, ledger.err) {
		t.Errorf("nobody knows: %v, which the client hears as %v", err, refused)
	}
}

func TestFetch_ofNobody(t *testing.T) {
	h := newHouse(t, func(o *auth.Options) { o.Fetch = nil })
	_, err := h.bearer(annsToken(t))
	wantRefused(t, err, access.CodeToken)
}
