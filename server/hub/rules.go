package hub

import "partline.dev/shared/contract"

// Rules are what a principal may do on one hub. They never change; other rules
// take their place ([Core.Reconsider]). Many connections share one Rules.
type Rules struct {
	// Scopes are those that it may be in, to hear and be heard.
	Scopes contract.Scopes

	// Speaks are those of them in which it may publish: with x.Scope() and the
	// like, and if that is the tenant with x.All() and the like. Groups, users and
	// single connections are for the hub's handlers to guard.
	Speaks contract.Scopes

	// AnyPlace lets it enter places by their name. Else only those of
	// [Principal.Places].
	AnyPlace bool

	// Rate, TenantRate and RoomRate bound what is called: by all connections of the
	// user (of a guest: by one connection), by the tenant's on all hubs, and what
	// is published into one room of the hub.
	Rate, TenantRate, RoomRate Rate

	// Rooms is how many groups one connection may be in, if that is less than
	// Options.MaxGroups. Zero: as many as that.
	Rooms int

	// Connections and TenantConnections are how many connections the user, and the
	// tenant, may have open, on all hubs. Zero: no bound.
	Connections, TenantConnections int
}

// Rate is how much may come in a second; after a pause as much at once. Zero means
// no bound.
type Rate struct{ Messages, Bytes int }

// defaultRules are those of a core that was told none.
var defaultRules = &Rules{Scopes: everyScopeButWorld, Speaks: everyScopeButWorld, AnyPlace: true}

var everyScopeButWorld = contract.ScopesOf(contract.ScopePage, contract.ScopeSession, contract.ScopeUser, contract.ScopePlace, contract.ScopeTenant)
