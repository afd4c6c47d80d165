package auth

import (
	"context"
	"errors"

	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/shared/access"
)

// Ledger is where tickets are used up.
type Ledger interface {
	// Spend uses up a ticket, by its id and the tenant that it names, of which empty
	// is one, too. The ticket is good until then, in ms since 1970, and is forgotten
	// after that. Of all who ask for the same ticket exactly one gets nil; the others
	// get ErrTicketSpent, wrapped or not. Another [access.Refusal] is told to the
	// client; any other error says that nobody knows, and the client may try again.
	Spend(ctx context.Context, tenant, ticket string, until int64) error
}

// ErrTicketSpent is what a [Ledger] gives for a ticket that was used before.
var ErrTicketSpent = &access.Refusal{Code: access.CodeTicketSpent, Message: "This ticket was used before."}

// spend uses up the ticket of g.
func (a *Authority) spend(ctx context.Context, g *grants.Grant) error {
	err := a.ledger.Spend(ctx, g.Tenant, g.ID, g.Expires)
	if err == nil {
		return nil
	}
	if public := (*access.Refusal)(nil); errors.As(err, &public) {
		return err
	}
	return errors.Join(front.ErrLater, err)
}
