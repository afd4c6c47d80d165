package tenants

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"partline.dev/server/origin"
	"partline.dev/server/yamlfile"
)

// Book is all tenants of a server. It never changes; another book takes its place.
type Book struct {
	all    []*Tenant
	byName map[string]*Tenant
	byKey  map[string]*Tenant          // by embed key
	byAPI  map[string]apiKey           // by the digest of the secret
	byHost map[origin.Origin][]*Tenant // by entry of their hosts
	byIss  map[issued]issuer
	hosts  []string
	world  map[string]bool // the hubs in which tenants meet, folded
	worlds []string        // the same, as they are written
}

// apiKey is a key and whose it is.
type apiKey struct {
	tenant *Tenant
	name   string
}

// issued is what a token says of where it is from and whom for.
type issued struct{ issuer, audience string }

// issuer is an issuer and whose it is.
type issuer struct {
	tenant *Tenant
	issuer *Issuer
}

// Single is the book of a server without a file: one tenant, whose name is empty,
// with guests of any kind, every scope but the world, and no limits. Hosts are
// those that [origin.ParseAllowed] takes; others are left out.
func Single(hosts []string) *Book {
	t := &Tenant{Guests: Anybody, AnyPlace: true, uses: defaultUses}
	for _, host := range hosts {
		if o, err := origin.ParseAllowed(host); err == nil {
			t.Hosts, t.hosts = append(t.Hosts, o.String()), append(t.hosts, o)
		}
	}
	return newBook([]*Tenant{t}, nil)
}

// newBook is the book of tenants, in which nothing is twice that may not be, and
// of the hubs in which they meet.
func newBook(all []*Tenant, worlds []string) *Book {
	b := &Book{
		all: all, byName: map[string]*Tenant{}, byKey: map[string]*Tenant{}, byAPI: map[string]apiKey{},
		byHost: map[origin.Origin][]*Tenant{}, byIss: map[issued]issuer{}, world: map[string]bool{}, worlds: worlds,
	}
	for _, name := range worlds {
		b.world[yamlfile.Fold(name)] = true
	}
	for _, t := range all {
		t.world = b.world
		b.byName[t.Name] = t
		for _, key := range t.EmbedKeys {
			b.byKey[key] = t
		}
		for _, key := range t.APIKeys {
			b.byAPI[key.SHA256] = apiKey{t, key.Name}
		}
		for i, host := range t.hosts {
			if b.byHost[host] == nil {
				b.hosts = append(b.hosts, t.Hosts[i])
			}
			b.byHost[host] = append(b.byHost[host], t)
		}
		for i := range t.Issuers {
			for _, audience := range t.Issuers[i].Audience {
				b.byIss[issued{t.Issuers[i].Name, audience}] = issuer{t, &t.Issuers[i]}
			}
		}
	}
	return b
}

// All are the tenants, in the order of the file.
func (b *Book) All() []*Tenant { return slices.Clone(b.all) }

// Tenant is the one of that name; nil: there is none.
func (b *Book) Tenant(name string) *Tenant { return b.byName[name] }

// Only is the one tenant that there is; nil: there are several.
func (b *Book) Only() *Tenant {
	if len(b.all) == 1 {
		return b.all[0]
	}
	return nil
}

// ByEmbedKey is the tenant whose snippets have that key; nil: there is none.
func (b *Book) ByEmbedKey(key string) *Tenant { return b.byKey[key] }

// ByOrigin is the tenant whose parts a page of that origin, as its browser writes
// it, may show. Nil: there is none, or there are several, so that only an embed key
// or credentials say which of them is meant.
func (b *Book) ByOrigin(pageOrigin string) *Tenant {
	o, err := origin.Parse(pageOrigin)
	if err != nil {
		return nil
	}
	if of := b.of(o); len(of) == 1 {
		return of[0]
	}
	return nil
}

// of are the first two of the tenants of which o is a host, or below one: a second
// is enough to know that there are several.
func (b *Book) of(o origin.Origin) []*Tenant {
	var all []*Tenant
	for entry := range o.Entries() {
		for _, t := range b.byHost[entry] {
			if slices.Contains(all, t) {
				continue
			}
			if all = append(all, t); len(all) == 2 {
				return all
			}
		}
	}
	return all
}

// maxSecret is the longest secret of an API key that is looked at.
const maxSecret = 255

// ByAPIKey is the tenant whose key has that secret, and the key's name; nil: there
// is none. The time that it takes tells nothing of the secrets.
func (b *Book) ByAPIKey(secret string) (t *Tenant, name string) {
	if len(secret) > maxSecret {
		return nil, ""
	}
	sum := sha256.Sum256([]byte(secret))
	key := b.byAPI[hex.EncodeToString(sum[:])]
	return key.tenant, key.name
}

// Issuer is who issued a token with that iss and one of those in aud, and for which
// tenant. Nil: nobody who is known, or the token is for several.
func (b *Book) Issuer(iss string, aud []string) (*Tenant, *Issuer) {
	var found issuer
	for _, audience := range aud {
		one, ok := b.byIss[issued{iss, audience}]
		switch {
		case !ok:
		case found.issuer == nil:
			found = one
		case found != one:
			return nil, nil
		}
	}
	return found.tenant, found.issuer
}

// Hosts are those of all tenants, each once.
func (b *Book) Hosts() []string { return slices.Clone(b.hosts) }

// World tells whether tenants may speak to one another on the hub of that name,
// whose case means nothing.
func (b *Book) World(hubName string) bool { return b.world[yamlfile.Fold(hubName)] }

// shared are the hosts that several tenants have, so that a page's site does not
// say which of them is meant.
func (b *Book) shared() []string {
	var list []string
	for _, host := range b.hosts {
		if o, err := origin.ParseAllowed(host); err == nil && len(b.of(o)) > 1 {
			list = append(list, host)
		}
	}
	return list
}
