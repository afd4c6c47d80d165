package tenants

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/yamlfile"
)

// Algorithms are those with which a token may be signed: who has the key that
// verifies one cannot sign another. Nobody changes them.
var Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// issuers reads the issuers of a tenant.
func (r *reader) issuers(n *yaml.Node, tenant string) []Issuer {
	const expected = "issuers has a list, each {issuer: https://login.example.com, jwks: https://login.example.com/keys, audience: [partline], algorithms: [RS256]}"
	if !r.Is(n, yaml.SequenceNode, expected) {
		return nil
	}
	if len(n.Content) > MaxIssuers {
		r.Wrong(n, "these are %d issuers; a tenant has at most %d", len(n.Content), MaxIssuers)
		return nil
	}
	var list []Issuer
	for _, c := range n.Content {
		one := r.issuer(c, tenant)
		for _, other := range list {
			if one.Name == "" || other.Name == "" || one.Name == other.Name {
				continue
			}
			if strings.HasPrefix(one.Prefix, other.Prefix) || strings.HasPrefix(other.Prefix, one.Prefix) {
				r.Wrong(c, "the users of %s and of %s could be taken for one another: give each issuer a prefix with which no other's begins, as prefix: \"hr:\"",
					yamlfile.Quoted(one.Name), yamlfile.Quoted(other.Name))
				break
			}
		}
		list = append(list, one)
	}
	return list
}

// issuerMembers are what an issuer may have; the first needed of them must be there.
var issuerMembers = []string{"issuer", "jwks", "audience", "algorithms", "user", "name", "icon", "prefix", "roles"}

const needed = 4

// issuer reads one issuer of a tenant.
func (r *reader) issuer(n *yaml.Node, tenant string) Issuer {
	one := Issuer{User: "sub", DisplayName: "name", Icon: "picture"}
	fields := r.Fields(n, "an issuer", issuerMembers...)
	if _, misspelt := fields[yamlfile.Unknown]; !misspelt && n.Kind == yaml.MappingNode {
		for _, name := range issuerMembers[:needed] {
			if fields[name].Key == nil {
				r.Wrong(n, "an issuer needs %s", name)
			}
		}
	}
	for _, name := range issuerMembers {
		e, ok := fields[name]
		if !ok {
			continue
		}
		switch name {
		case "issuer":
			one.Name = r.name(e, "issuer", r.seen)
		case "jwks":
			one.JWKS = r.jwks(e.Value)
		case "audience":
			one.Audience = r.list(e.Value, name, MaxAudiences, "audience has what a token must have as aud, or a list of which it must have one", named("audience", r.seen))
		case "algorithms":
			one.Algorithms = r.list(e.Value, name, len(Algorithms), "algorithms has a list, as [RS256]", r.algorithm)
		case "user":
			one.User = r.name(e, "claim", r.seen)
		case "name":
			one.DisplayName = r.name(e, "claim", r.seen)
		case "icon":
			one.Icon = r.name(e, "claim", r.seen)
		case "prefix":
			if text, ok := e.Value.Value, e.Value.Kind == yaml.ScalarNode; !ok || text != "" {
				one.Prefix = r.name(e, "prefix", r.seen)
			}
		case "roles":
			one.Roles = r.roles(e.Value)
		}
	}
	if one.Name != "" {
		for _, audience := range one.Audience {
			r.once(fields["audience"].Value, tenant, "issuer "+one.Name+"\x00"+audience,
				fmt.Sprintf("the issuer %s with the audience %s", yamlfile.Quoted(one.Name), yamlfile.Quoted(audience)))
		}
	}
	return one
}

// algorithm tells why a token cannot be signed with the algorithm of that name.
func (r *reader) algorithm(name string) error {
	switch {
	case slices.Contains(Algorithms, name):
		return nil
	case strings.HasPrefix(name, "HS"):
		return fmt.Errorf("tokens cannot be signed with %s, whose secret both ends would know; there are %s", yamlfile.Quoted(name), strings.Join(Algorithms, ", "))
	}
	return fmt.Errorf("tokens cannot be signed with %s%s", yamlfile.Quoted(name), r.Instead(name, Algorithms))
}

// maxURL is the longest address of an issuer's keys, in bytes.
const maxURL = 1000

// jwks reads the address of an issuer's keys.
func (r *reader) jwks(n *yaml.Node) string {
	text, ok := r.Text(n, "jwks has the https address of the issuer's keys")
	if !ok {
		return ""
	}
	if err := checkJWKS(text); err != nil {
		r.Wrong(n, "%s cannot be the address of keys: %v", yamlfile.Quoted(text), err)
		return ""
	}
	return text
}

// checkJWKS tells why text cannot be the address of an issuer's keys.
func checkJWKS(text string) error {
	if len(text) > maxURL {
		return fmt.Errorf("it has %d bytes; there are at most %d", len(text), maxURL)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("it is no URL")
	case u.Hostname() == "":
		return errors.New("it does not begin with https:// and a host")
	case u.User != nil:
		return errors.New("it has a user name")
	case u.Fragment != "":
		return errors.New("it has a # in it")
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return errors.New("it does not begin with https://")
	case !onThisMachine(u.Hostname()):
		return errors.New("anybody on the way could change what http:// brings; write https://")
	}
	return nil
}

// onThisMachine tells whether host is a name or an address of this machine.
func onThisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// roles reads the rules by which an issuer's users have roles.
func (r *reader) roles(n *yaml.Node) []RoleRule {
	const expected = "roles has a list, each {claim: groups, is: staff, role: editor}"
	if !r.Is(n, yaml.SequenceNode, expected) {
		return nil
	}
	if len(n.Content) > MaxRoles {
		r.Wrong(n, "these are %d rules; an issuer has at most %d", len(n.Content), MaxRoles)
		return nil
	}
	var list []RoleRule
	for _, c := range n.Content {
		fields := r.Fields(c, "a rule for roles", "claim", "is", "role")
		claim, is, role := fields["claim"], fields["is"], fields["role"]
		rule := RoleRule{Claim: r.name(claim, "claim", r.seen), Is: r.name(is, "value", r.seen), Role: r.name(role, "role", r.seen)}
		if rule.Is == "any" {
			rule.Is, rule.Any = "", true
		}
		_, misspelt := fields[yamlfile.Unknown]
		switch {
		case misspelt || c.Kind != yaml.MappingNode:
		case claim.Key == nil || is.Key == nil:
			r.Wrong(c, "a rule for roles has a claim and what it is, as {claim: groups, is: staff, role: editor}")
		case role.Key == nil && !rule.Any && rule.Is != "":
			r.Wrong(c, "which role? Add role: editor, or take the values of the claim as roles with is: any")
		}
		list = append(list, rule)
	}
	return list
}
