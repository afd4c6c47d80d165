package tenants

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// Read is the book of a file that holds content. The error is
// [yamlfile.Mistakes], which have no secret in them.
func Read(content []byte) (*Book, error) {
	r := &reader{content: content, first: map[string]place{}}
	var book *Book
	if root := r.Document(content, "tenants"); root != nil {
		book = r.file(root)
	}
	if wrong := r.Mistakes(); wrong != nil {
		for i := range wrong {
			wrong[i].Text = secretText.ReplaceAllString(wrong[i].Text, secretPrefix+"...")
		}
		return nil, wrong
	}
	return book, nil
}

// secretText is a secret that somebody has put where its digest belongs, or
// anywhere else: mistakes go to logs.
var secretText = regexp.MustCompile(secretPrefix + `[0-9A-Za-z_-]+`)

// reader reads one file of tenants.
type reader struct {
	yamlfile.Reader
	content []byte
	first   map[string]place // what may be there once only, by what it is
}

// place is where something stands.
type place struct {
	line   int
	tenant string
}

// once notes that a tenant has what at n, which no other may have; key tells it
// apart from everything else in the file. It says whether it is the first.
func (r *reader) once(n *yaml.Node, tenant, key, what string) bool {
	before, twice := r.first[key]
	switch {
	case !twice:
		r.first[key] = place{n.Line, tenant}
	case before.tenant == tenant:
		r.Wrong(n, "%s stands here a second time; the first is in line %d", what, before.line)
	default:
		r.Wrong(n, "%s is that of the tenant %s in line %d too; each tenant has its own", what, before.tenant, before.line)
	}
	return !twice
}

// file reads what stands under the root of a file.
func (r *reader) file(root *yaml.Node) *Book {
	fields := r.Fields(root, "the file", "tenants", "world")
	var worlds []string
	if e, ok := fields["world"]; ok {
		worlds = r.list(e.Value, "world", MaxWorld, "world has a list of the hubs in which tenants may speak to one another, as [chat]", named("hub", hubName))
	}
	e, ok := fields["tenants"]
	if !ok {
		if _, ok := fields[yamlfile.Unknown]; !ok && root.Kind == yaml.MappingNode {
			r.Wrong(root, "the file has no tenants; it begins with: tenants:")
		}
		return nil
	}
	entries := r.Entries(e.Value, "tenants")
	if e.Value.Kind == yaml.MappingNode && len(e.Value.Content) == 0 {
		r.Wrong(e.Value, "there are no tenants here; a file has at least one")
	}
	if len(entries) > MaxTenants {
		r.Wrong(e.Key, "these are %d tenants; a file has at most %d", len(entries), MaxTenants)
		return nil
	}
	var all []*Tenant
	for _, one := range entries {
		if err := named("tenant", tenantName)(one.Name); err != nil {
			r.Wrong(one.Key, "%v", err)
		} else {
			r.once(one.Key, one.Name, "tenant "+yamlfile.Fold(one.Name), "the name "+one.Name)
		}
		all = append(all, r.tenant(one))
	}
	if r.Count() > 0 {
		return nil
	}
	return newBook(all, worlds)
}

// members are what a tenant may have.
var members = []string{"hosts", "guests", "embed-keys", "places", "scopes", "speak", "limits", "icons", "issuers", "api-keys", "blocked"}

// tenant reads one tenant.
func (r *reader) tenant(e yamlfile.Entry) *Tenant {
	t := &Tenant{Name: e.Name, AnyPlace: true, uses: defaultUses}
	if yamlfile.Empty(e.Value) {
		r.Wrong(e.Key, "the tenant %s says nothing; give it hosts, as hosts: [https://intranet.example.com]", e.Name)
		return t
	}
	fields := r.Fields(e.Value, "the tenant "+e.Name, members...)
	for _, name := range members {
		m, ok := fields[name]
		if !ok {
			continue
		}
		switch name {
		case "hosts":
			t.hosts = r.sites(m.Value, "hosts")
			t.Hosts = written(t.hosts)
		case "icons":
			t.Icons = written(r.sites(m.Value, "icons"))
		case "guests":
			t.Guests = Guests(max(r.word(m.Value, "guests", guestWords), 0))
		case "places":
			t.AnyPlace = r.word(m.Value, "places", []string{"any", "verified"}) == 0
		case "embed-keys":
			t.EmbedKeys = r.embedKeys(m.Value, e.Name)
		case "api-keys":
			t.APIKeys = r.apiKeys(m.Value, e.Name)
		case "blocked":
			t.Blocked = r.list(m.Value, name, MaxBlocked, "blocked has a list of the ids of users who may not come in", named("user", r.seen))
			t.blocked = map[string]bool{}
			for _, user := range t.Blocked {
				t.blocked[user] = true
			}
		case "scopes":
			t.uses = r.scopes(m.Value, "scopes", defaultUses)
		case "speak":
			t.speaks = r.scopes(m.Value, "speak", nil)
		case "limits":
			t.limits = r.limits(m.Value)
		case "issuers":
			t.Issuers = r.issuers(m.Value, e.Name)
		}
	}
	return t
}

// list reads a list of texts, which is called name, each once in it; check says in
// words why one cannot be there.
func (r *reader) list(n *yaml.Node, name string, most int, expected string, check func(text string) error) []string {
	if len(n.Content) > most {
		r.Wrong(n, "these are %d; %s has at most %d", len(n.Content), name, most)
		return nil
	}
	var list []string
	first := map[string]int{}
	for _, e := range r.Texts(n, expected) {
		if err := check(e.Name); err != nil {
			r.Wrong(e.Value, "%v", err)
			continue
		}
		if line, twice := first[e.Name]; twice {
			r.Wrong(e.Value, "%s stands here a second time; the first is in line %d", yamlfile.Quoted(e.Name), line)
			continue
		}
		first[e.Name] = e.Value.Line
		list = append(list, e.Name)
	}
	return list
}

// named is check for names of what.
func named(what string, check func(name string) error) func(name string) error {
	return func(name string) error {
		if err := check(name); err != nil {
			return fmt.Errorf("no %s can be called that: %w", what, err)
		}
		return nil
	}
}

// word reads one of the words for name and returns which; -1: it is none of them.
func (r *reader) word(n *yaml.Node, name string, words []string) int {
	text, ok := r.Text(n, name+" has one of "+strings.Join(words, ", "))
	if !ok {
		return -1
	}
	for i, word := range words {
		if text == word {
			return i
		}
	}
	r.Wrong(n, "%s cannot be %s%s", name, yamlfile.Quoted(text), r.Instead(text, words))
	return -1
}

// seen tells why a name of a role, user, issuer or claim cannot be one. What cannot
// be seen may belong to it, as others have given it, but then somebody wrote it on
// purpose.
func (r *reader) seen(name string) error {
	if err := contract.ValidName(name); err != nil {
		return err
	}
	for _, c := range name {
		if !unicode.IsPrint(c) && bytes.ContainsRune(r.content, c) {
			return fmt.Errorf("it has the character %U, which cannot be seen; take it out, or if it belongs there write it as \\u%04x in double quotes", c, c)
		}
	}
	return nil
}

// plainName tells why the operator cannot choose a name: what cannot be seen looks
// like another.
func plainName(name string) error {
	if err := contract.ValidName(name); err != nil {
		return err
	}
	for _, c := range name {
		if !unicode.IsPrint(c) {
			return fmt.Errorf("it has the character %U, which cannot be seen", c)
		}
	}
	return nil
}

// tenantName tells why a tenant cannot have a name, which stands in logs and
// addresses.
func tenantName(name string) error {
	if strings.Contains(name, "/") {
		return errors.New("it has a slash")
	}
	return plainName(name)
}

// hubName tells why no hub can have a name.
func hubName(name string) error {
	_, err := contract.DeclareHub(name)
	return err
}
