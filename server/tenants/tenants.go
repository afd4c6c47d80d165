// Package tenants is whose parts a server shows: who may embed them, who may come
// in, and who may hear and speak to whom, as a file says it.
//
//	tenants:
//	  contoso:
//	    hosts: [https://contoso.sharepoint.com]
//	    guests: named
//
// [Open] follows such a file while it changes:
//
//	file, err := tenants.Open(log, "tenants.yaml")
//	t := file.Now().ByOrigin("https://contoso.sharepoint.com")
//	rules := t.Rules(principal, "chat")
//
// A server without a file has the one tenant of [Single]. The document
// docs/tenants.md says what can stand in a file.
//
// Every mistake in a file is found at once and named by its line, see package
// yamlfile. A file with one is refused as a whole, and the one before it stays.
//
// Concurrency: a [Book] and its tenants never change, so anybody may use them from
// any goroutine; nobody changes what their fields hold. A [File] may be used from
// any goroutine. Nothing is started. What blocks is reading the file, see package
// fresh.
package tenants

import (
	"slices"
	"sync"

	"partline.dev/server/hub"
	"partline.dev/server/origin"
	"partline.dev/shared/contract"
)

// Bounds of a file, which has at most 1 MiB. More of anything is a mistake.
const (
	MaxTenants   = 1000 // tenants
	MaxHosts     = 200  // hosts of a tenant, and sites of its pictures
	MaxKeys      = 200  // embed keys of a tenant, and API keys
	MaxIssuers   = 16   // issuers of a tenant
	MaxAudiences = 32   // audiences of an issuer
	MaxRoles     = 100  // roles of one rule, and rules for roles of an issuer
	MaxBlocked   = 5000 // users of a tenant who may not come in
	MaxWorld     = 100  // hubs in which tenants meet
)

// Tenant is one customer of a server: an organisation, or the only one there is.
type Tenant struct {
	// Name is its name in [hub.Principal]. Empty: the one tenant of a server
	// without a file.
	Name string

	// Hosts are the sites whose pages may show its parts, as https://host or
	// https://*.host for everything below.
	Hosts []string

	// Guests says who may come in without credentials.
	Guests Guests

	// EmbedKeys are the public keys by which snippets name the tenant.
	EmbedKeys []string

	// Icons are the sites that pictures of its users may come from, as Hosts.
	Icons []string

	// Blocked are the ids of users who may not come in.
	Blocked []string

	// AnyPlace tells that the name of a place is enough to be in it. Else only
	// those places can be entered that were established, by a ticket.
	AnyPlace bool

	// Issuers are those whose tokens say who a user is.
	Issuers []Issuer

	// APIKeys are the keys with which its programs call the server.
	APIKeys []APIKey

	hosts   []origin.Origin
	blocked map[string]bool
	uses    map[contract.Scope]who // the scopes that it allows, for whom
	speaks  map[contract.Scope]who // those for whom it is not as uses says
	limits  hub.Rules              // but the scopes
	world   map[string]bool        // the book's

	made sync.Map // the *hub.Rules of each pair of scopes, see ruleKey
}

// Guests says who may come in without credentials.
type Guests uint8

// The guests of a tenant.
const (
	Nobody  Guests = iota // only who has credentials
	Named                 // who says a nickname
	Anybody               // without a name too
)

// guestWords are the words for them in a file.
var guestWords = []string{"nobody", "named", "anybody"}

// String is the word for them in a file.
func (g Guests) String() string { return guestWords[g] }

// Issuer is a service whose signed tokens (JWT) say who a user is.
type Issuer struct {
	// Name is what its tokens have as iss, to the letter.
	Name string

	// JWKS is the https address of its keys; http only on this machine.
	JWKS string

	// Audience are the values of which a token's aud must have one; at least one.
	Audience []string

	// Algorithms are those with which a token may be signed: of RS256 to RS512,
	// PS256 to PS512, ES256 to ES512 and EdDSA. At least one.
	Algorithms []string

	// User, DisplayName and Icon are the claims that say the user's id, name and
	// picture.
	User, DisplayName, Icon string

	// Prefix stands before the id, so that users of several issuers are not taken
	// for one another.
	Prefix string

	// Roles give roles to users.
	Roles []RoleRule
}

// RoleRule gives a role to users whose tokens have a claim, which may be a text or
// a list of texts.
type RoleRule struct {
	// Claim is the name of the claim.
	Claim string

	// Is is the value that it must be, or have in its list, unless Any.
	Is string

	// Any tells that every value will do.
	Any bool

	// Role is the role. Empty, which is only so with Any: the values are the roles.
	Role string
}

// APIKey is a key with which programs of a tenant call the server.
type APIKey struct {
	// Name tells keys of a tenant apart, for logs.
	Name string

	// SHA256 is the digest of the secret, in lower-case hexadecimal digits: the
	// server never has the secret itself.
	SHA256 string
}

// AllowsOrigin tells whether a page of that origin, as its browser writes it, may
// show the tenant's parts.
func (t *Tenant) AllowsOrigin(pageOrigin string) bool {
	o, err := origin.Parse(pageOrigin)
	return err == nil && slices.ContainsFunc(t.hosts, func(host origin.Origin) bool { return host.Covers(o) })
}

// Blocks tells whether the user with that id may not come in.
func (t *Tenant) Blocks(user string) bool { return t.blocked[user] }
