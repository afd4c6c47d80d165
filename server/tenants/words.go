package tenants

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// String is what the book allows, in words for whoever runs the server: lines of
// printable text, with no key in it.
func (b *Book) String() string {
	var w words
	for _, t := range b.all {
		t.describe(&w)
	}
	for _, host := range b.shared() {
		w.line("", "%s is a host of several tenants: there the embed key of a snippet, or credentials, say which is meant", host)
	}
	if len(b.worlds) > 0 {
		w.line("", "tenants meet in the scope world of: %s", listed(b.worlds))
	}
	return w.String()
}

// words are lines of text.
type words struct{ strings.Builder }

// line adds one, which begins with indent.
func (w *words) line(indent, format string, a ...any) {
	fmt.Fprintf(w, indent+format+"\n", a...)
}

const within = "  "

// describe says what t allows.
func (t *Tenant) describe(w *words) {
	w.line("", "%s", shown(t.Name))
	if len(t.Hosts) == 0 {
		w.line(within, "no other site may show its parts")
	} else {
		w.line(within, "may be shown by pages of: %s", listed(t.Hosts))
	}
	switch t.Guests {
	case Nobody:
		w.line(within, "guests: nobody comes in without a ticket or a token")
	case Named:
		w.line(within, "guests: whoever says a nickname")
	default:
		w.line(within, "guests: anybody")
	}
	for _, s := range contract.AllScopes {
		t.describeScope(w, s)
	}
	if !t.AnyPlace {
		w.line(within, "places: only those that a ticket names")
	}
	for i := range t.Issuers {
		one := &t.Issuers[i]
		w.line(within, "users come with tokens of %s for %s, signed with %s", shown(one.Name), listed(one.Audience), listed(one.Algorithms))
	}
	t.describeLimits(w)
	if n := len(t.EmbedKeys); n > 0 {
		w.line(within, "embed keys: %d", n)
	}
	if len(t.APIKeys) > 0 {
		var names []string
		for _, key := range t.APIKeys {
			names = append(names, key.Name)
		}
		w.line(within, "API keys: %s", listed(names))
	}
	if len(t.Icons) > 0 {
		w.line(within, "pictures of users come from: %s", listed(t.Icons))
	}
	if len(t.Blocked) > 0 {
		w.line(within, "blocked: %s", listed(t.Blocked))
	}
}

// describeScope says who hears and who speaks in a scope.
func (t *Tenant) describeScope(w *words, s contract.Scope) {
	uses := t.uses[s]
	speaks, said := t.speaks[s]
	switch hears := uses.String(); {
	case s == contract.ScopeWorld && len(t.world) == 0 && hears != "nobody":
		w.line(within, "%s: nobody, as no hub stands under world:", s)
	case !said || hears == "nobody" || speaks.String() == hears:
		w.line(within, "%s: %s", s, hears)
	default:
		w.line(within, "%s: %s may listen, of whom %s may speak", s, hears, speaks.String())
	}
}

// String says in words who is meant.
func (w *who) String() string {
	switch {
	case w.everybody:
		return "everybody"
	case w.users:
		return "users"
	case len(w.roles) == 0:
		return "nobody"
	}
	return "who is " + strings.Join(each(w.roles), " or ")
}

// describeLimits says what is bounded.
func (t *Tenant) describeLimits(w *words) {
	limit := func(of string, rate hub.Rate, counts ...string) {
		var list []string
		if rate.Messages > 0 {
			list = append(list, strconv.Itoa(rate.Messages)+" messages a second")
		}
		if rate.Bytes > 0 {
			list = append(list, strconv.Itoa(rate.Bytes)+" bytes a second")
		}
		if list = append(list, counts...); len(list) > 0 {
			w.line(within, "limits of %s: %s", of, strings.Join(list, ", "))
		}
	}
	counted := func(n int, what string) (list []string) {
		if n > 0 {
			list = append(list, strconv.Itoa(n)+" "+what)
		}
		return list
	}
	limit("each user", t.limits.Rate, slices.Concat(counted(t.limits.Connections, "connections"), counted(t.limits.Rooms, "groups a connection"))...)
	limit("the tenant", t.limits.TenantRate, counted(t.limits.TenantConnections, "connections")...)
	limit("each room", t.limits.RoomRate)
}

// listed are names with commas.
func listed(names []string) string { return strings.Join(each(names), ", ") }

// each are names as they can be shown.
func each(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = shown(name)
	}
	return list
}

// shown is a name, in quotes where it would not be seen where it begins and ends.
func shown(name string) string {
	unseen := func(c rune) bool { return !unicode.IsPrint(c) }
	if name == "" || strings.ContainsAny(name, ` ,"`) || strings.ContainsFunc(name, unseen) {
		return strconv.Quote(name)
	}
	return name
}
