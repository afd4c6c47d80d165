package gateway

import (
	"context"

	"partline.dev/server/auth"
	"partline.dev/server/edge/inside"
	"partline.dev/shared/access"
)

// ledger is where the tickets of each tenant are used up: an object of its own.
type ledger struct{ gateway *Handler }

// Spend is auth.Ledger's.
func (l ledger) Spend(ctx context.Context, tenant, ticket string, until int64) error {
	question := inside.Spend{Version: inside.Version, Ticket: ticket, Until: until}
	refused := l.gateway.ask(ctx, ticketsObject(tenant), inside.PathSpend, question, &struct{}{})
	switch {
	case refused == nil:
		return nil
	case refused.Code == access.CodeTicketSpent:
		return auth.ErrTicketSpent
	case refused.Code == "" || refused.Code == inside.CodeVersion:
		return refused // nobody knows
	}
	return &access.Refusal{Code: refused.Code, Message: refused.Text}
}

// elsewhere is the ledger of the server behind: it uses up what it is sent.
type elsewhere struct{}

// Spend is auth.Ledger's.
func (elsewhere) Spend(context.Context, string, string, int64) error { return nil }
