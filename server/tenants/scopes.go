package tenants

import (
	"errors"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/hub"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// whoWords are the words for those whom a rule is for.
var whoWords = []string{"everybody", "users", "nobody"}

const whoExpected = "a scope is for everybody, users or nobody, or for a list of roles, as [editor]"

// scopes reads for whom each scope is, where others is what holds for those of
// which nothing is said. It is called name.
func (r *reader) scopes(n *yaml.Node, name string, others map[contract.Scope]who) map[contract.Scope]who {
	list := maps.Clone(others)
	if list == nil {
		list = map[contract.Scope]who{}
	}
	fields := r.Fields(n, name, scopeWords()...)
	for _, s := range contract.AllScopes {
		e, ok := fields[string(s)]
		if !ok {
			continue
		}
		list[s] = r.who(e.Value)
		if s == contract.ScopeUser && list[s].everybody {
			r.Wrong(e.Value, "the scope user cannot be for everybody, as guests are nobody's user; write users")
		}
	}
	return list
}

// scopeWords are the names of all scopes.
func scopeWords() (words []string) {
	for _, s := range contract.AllScopes {
		words = append(words, string(s))
	}
	return words
}

// who reads for whom a scope is.
func (r *reader) who(n *yaml.Node) who {
	if n.Kind == yaml.SequenceNode {
		return who{roles: r.list(n, "a scope", MaxRoles, whoExpected, named("role", r.roleName))}
	}
	word, ok := r.Text(n, whoExpected)
	if !ok {
		return who{}
	}
	switch slices.Index(whoWords, word) {
	case 0:
		return who{everybody: true}
	case 1:
		return who{users: true}
	case 2:
		return who{}
	}
	r.Wrong(n, "a scope cannot be for %s%s; roles stand in a list, as [editor]", yamlfile.Quoted(word), r.Instead(word, whoWords))
	return who{}
}

// errWord is why no role of a list is called as the words for everybody are.
var errWord = errors.New("everybody, users and nobody stand alone, without a list")

// roleName tells why no role that a rule is for can have a name.
func (r *reader) roleName(name string) error {
	if slices.Contains(whoWords, name) {
		return errWord
	}
	return r.seen(name)
}

// maxLimit is the highest limit: more is as good as none.
const maxLimit = 1_000_000_000

// limits reads the limits of a tenant.
func (r *reader) limits(n *yaml.Node) (rules hub.Rules) {
	fields := r.Fields(n, "limits", "user", "tenant", "room")
	if e, ok := fields["user"]; ok {
		f := r.Fields(e.Value, "the limit user", "messages", "bytes", "connections", "rooms")
		rules.Rate = r.rate(f)
		rules.Connections, rules.Rooms = r.limit(f["connections"]), r.limit(f["rooms"])
	}
	if e, ok := fields["tenant"]; ok {
		f := r.Fields(e.Value, "the limit tenant", "messages", "bytes", "connections")
		rules.TenantRate, rules.TenantConnections = r.rate(f), r.limit(f["connections"])
	}
	if e, ok := fields["room"]; ok {
		rules.RoomRate = r.rate(r.Fields(e.Value, "the limit room", "messages", "bytes"))
	}
	return rules
}

// rate reads how much may come in a second.
func (r *reader) rate(fields map[string]yamlfile.Entry) hub.Rate {
	return hub.Rate{Messages: r.limit(fields["messages"]), Bytes: r.limit(fields["bytes"])}
}

// limit reads a limit; 0: there is none.
func (r *reader) limit(e yamlfile.Entry) int {
	if e.Key == nil {
		return 0
	}
	text, ok := r.Text(e.Value, e.Name+" has a whole number")
	if !ok {
		return 0
	}
	var limit int64
	switch err := e.Value.Decode(&limit); {
	case e.Value.ShortTag() != "!!int" || err != nil:
		r.Wrong(e.Value, "%s is no whole number, as %s has", yamlfile.Quoted(text), e.Name)
	case limit < 1:
		r.Wrong(e.Value, "%s is at least 1; leave it out for no limit", e.Name)
	case limit > maxLimit:
		r.Wrong(e.Value, "%s is at most %d; leave it out for no limit", e.Name, maxLimit)
	default:
		return int(limit)
	}
	return 0
}
