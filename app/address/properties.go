package address

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The properties of every part: how it looks, and whom it hears and as whom. None
// of them gives a right that the server does not find by itself, but for the
// ticket.
const (
	Lang   = "lang"   // a language tag
	Theme  = "theme"  // light, dark or contrast
	Scope  = "scope"  // page, which it is if left out, session, user, place, tenant or world
	Room   = "room"   // the name of the place, for the scope place
	Key    = "key"    // the embed key of a tenant, which is no secret
	Ticket = "ticket" // permission to connect, once; best in the fragment, which no server sees
)

// Properties are those of every part.
var Properties = []string{Lang, Theme, Scope, Room, Key, Ticket}

// MaxName is the longest name of a part or property, in bytes.
const MaxName = 64

// maxQuery bounds what is read of an address; the rest is not looked at.
const maxQuery = 8 << 10

// Read reads the query of a part's address. Whoever writes a host
// page, or types an address, decides what stands there, so it is read with
// patience and believed in nothing:
//
//   - names are taken in any case, and the first of a repeated name counts
//   - "&amp;" copied from HTML separates as "&" does
//   - what cannot be decoded is passed over, as is what is not UTF-8
//   - a SharePoint token left as it was (_name_ for the property name) is absent
//   - control characters are dropped, and white space at the ends
//
// The values are keyed by lower-case name.
func Read(query string) map[string]string {
	if len(query) > maxQuery {
		query = query[:maxQuery]
	}
	values := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		pair = strings.TrimPrefix(pair, "amp;")
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			continue
		}
		name = strings.ToLower(name)
		if !ValidName(name) {
			continue
		}
		if _, taken := values[name]; taken {
			continue
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil || !utf8.ValidString(value) {
			continue
		}
		value = strings.TrimSpace(strings.Map(printable, value))
		if value == "" || strings.EqualFold(value, "_"+name+"_") {
			continue
		}
		values[name] = value
	}
	return values
}

// printable drops control characters. The characters that turn the direction
// of writing are left alone: whatever shows a value isolates it.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// ValidName tells whether a part or property can have that name: 1 to 64 lower-case
// letters, digits and single hyphens between them.
func ValidName(name string) bool {
	if name == "" || len(name) > MaxName || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") || strings.Contains(name, "--") {
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}
