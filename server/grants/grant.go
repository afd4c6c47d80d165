package grants

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// maxText is the longest ticket or session token, in bytes: it stands in a header,
// or in a URL where a SignalR client has no other way.
const maxText = 4 << 10

// Leeway is how far the clocks of those who issue may be off.
const Leeway = 60 * time.Second

// A kind is one of the texts that are signed here. Neither can pass for the other:
// each is signed for its use.
type kind struct{ prefix, use string }

var (
	ticketKind  = kind{"pt1.", "ticket 1"}
	sessionKind = kind{"ps1.", "session token 1"}
)

// IsTicket tells whether text says that it is a ticket.
func IsTicket(text string) bool { return strings.HasPrefix(text, ticketKind.prefix) }

// IsSession tells whether text says that it is a session token.
func IsSession(text string) bool { return strings.HasPrefix(text, sessionKind.prefix) }

// Grant is what a ticket or a session token says. Times are in ms since 1970. Its
// fields are as those of [Ticket] and [hub.Principal].
type Grant struct {
	ID      string          `json:"i"` // of the ticket and of the session that comes of it
	Tenant  string          `json:"t,omitempty"`
	User    string          `json:"u,omitempty"`
	Name    string          `json:"n,omitempty"`
	Icon    string          `json:"p,omitempty"`
	Roles   []string        `json:"r,omitempty"`
	Hubs    []string        `json:"h,omitempty"`
	Places  []string        `json:"l,omitempty"`
	Scope   contract.Scope  `json:"s,omitempty"`
	Scopes  contract.Scopes `json:"c,omitempty"`
	Issued  int64           `json:"b"` // of the ticket: a renewed session keeps it
	Expires int64           `json:"e"`
	Session int64           `json:"d"` // how long the session is, in ms
}

// ID is what tells tickets apart: 128 random bits.
type ID [16]byte

var idText = base64.RawURLEncoding.Strict()

func newID() string {
	var id ID
	_, _ = rand.Read(id[:]) // never fails
	return id.String()
}

// String is the id as a [Grant] has it.
func (id ID) String() string { return idText.EncodeToString(id[:]) }

// ParseID reads what [ID.String] writes. Not ok: it is no id.
func ParseID(text string) (id ID, ok bool) {
	if len(text) != idText.EncodedLen(len(id)) {
		return id, false
	}
	n, err := idText.Decode(id[:], []byte(text))
	return id, err == nil && n == len(id)
}

// seal is g as a text of that kind. The error says what would be too long.
func (g *Grant) seal(s *keys.Signer, k kind) (string, error) {
	payload, err := json.Marshal(g)
	if err != nil {
		return "", err
	}
	text := k.prefix + s.Sign(k.use, payload)
	if len(text) > maxText {
		return "", fmt.Errorf("it would be %d bytes long, and %d are the most: name fewer roles, hubs or places", len(text), maxText)
	}
	return text, nil
}

// ReadTicket is what a ticket says. The error says why it is none, to the log only.
func ReadTicket(s *keys.Signer, text string) (*Grant, error) { return unseal(s, ticketKind, text) }

// ReadSession is what a session token says, also one whose time is over. The error
// says why it is none, to the log only.
func ReadSession(s *keys.Signer, text string) (*Grant, error) { return unseal(s, sessionKind, text) }

// unseal reads what seal wrote with the same keys. What it costs is bounded, and
// nothing is kept of a text that was forged.
func unseal(s *keys.Signer, k kind, text string) (*Grant, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("it has %d bytes, and %d are the most", len(text), maxText)
	}
	signed, ok := strings.CutPrefix(text, k.prefix)
	if !ok {
		return nil, fmt.Errorf("it does not begin with %s", k.prefix)
	}
	payload, ok := s.Verify(k.use, signed)
	if !ok {
		return nil, errors.New("no key of ours has signed it")
	}
	return parseGrant(payload)
}

// parseGrant reads the payload of a text. A member that it does not know may be a
// limit of a newer version, so it is not passed over.
func parseGrant(payload []byte) (*Grant, error) {
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	var g Grant
	if err := d.Decode(&g); err != nil {
		return nil, fmt.Errorf("its payload is damaged: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows its payload")
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	return &g, nil
}

// check reports what in g cannot be.
func (g *Grant) check() error {
	if _, ok := ParseID(g.ID); !ok {
		return errors.New("its id is none")
	}
	for _, one := range []struct{ what, name string }{{"tenant", g.Tenant}, {"user", g.User}} {
		if one.name == "" {
			continue
		}
		if err := contract.ValidName(one.name); err != nil {
			return fmt.Errorf("its %s: %w", one.what, err)
		}
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"role", g.Roles}, {"hub", g.Hubs}, {"place", g.Places}} {
		for _, name := range list.names {
			if err := contract.ValidName(name); err != nil {
				return fmt.Errorf("a %s: %w", list.what, err)
			}
		}
	}
	if g.Name != "" {
		if name, err := access.CleanName(g.Name); err != nil {
			return fmt.Errorf("its name: %w", err)
		} else if name != g.Name {
			return errors.New("its name begins or ends with a space")
		}
	}
	if g.Icon != "" && !ValidIcon(g.Icon) {
		return fmt.Errorf("its icon is no https address of at most %d bytes", maxIcon)
	}
	if g.Scopes&^contract.ScopesOf(contract.AllScopes[:]...) != 0 {
		return errors.New("its scopes are not known")
	}
	if g.Scope != "" && (contract.ScopesOf(g.Scope) == 0 || g.Scopes != 0 && !g.Scopes.Has(g.Scope)) {
		return fmt.Errorf("its scope %q is none of those that it allows", g.Scope)
	}
	if !ValidTime(g.Issued) || !ValidTime(g.Expires) || g.Expires <= g.Issued || g.Session <= 0 || g.Session > MaxSession.Milliseconds() {
		return errors.New("its times cannot be")
	}
	return nil
}

// IsFor tells whether g is good at that hub.
func (g *Grant) IsFor(hubName string) bool {
	for _, name := range g.Hubs {
		if strings.EqualFold(name, hubName) {
			return true
		}
	}
	return len(g.Hubs) == 0
}

// Begin is the session of g from now on, of that tenant: who comes in, and the token
// to go on with. It keeps when the ticket was issued, so that taking back what was
// issued before takes back all that came of it. The error says what would be too
// long.
func (g *Grant) Begin(s *keys.Signer, tenant string, now time.Time) (p hub.Principal, sessionToken string, err error) {
	session := *g
	session.Tenant, session.Expires = tenant, now.UnixMilli()+g.Session
	if sessionToken, err = session.seal(s, sessionKind); err != nil {
		return hub.Principal{}, "", err
	}
	return session.Principal(), sessionToken, nil
}

// Principal is who comes in by g.
func (g *Grant) Principal() hub.Principal {
	return hub.Principal{
		Tenant: g.Tenant, ID: g.User, Name: g.Name, Icon: g.Icon, Roles: g.Roles,
		Places: g.Places, Scope: g.Scope, Scopes: g.Scopes,
		Session: g.ID, Issued: g.Issued, Expires: g.Expires,
	}
}

// maxIcon is the longest address of a picture, in bytes.
const maxIcon = 2 << 10

// ValidIcon tells whether address can be that of a picture: absolute, https, and
// nothing in it that could end an attribute or a directive.
func ValidIcon(address string) bool {
	if len(address) > maxIcon || !strings.HasPrefix(address, "https://") || strings.ContainsFunc(address, unfit) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil
}

func unfit(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"'<>\\`", r)
}

// ValidTime tells whether ms since 1970 are a time that one can reckon with.
func ValidTime(ms int64) bool { return 0 < ms && ms < 1<<53 }
