package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

const (
	// maxToken is the longest bearer token that is looked at, in bytes.
	maxToken = 16 << 10

	// maxAge is how long ago a bearer token may have been issued: as long as it is
	// known who was taken back.
	maxAge = userKept

	// maxRoles is how many roles a user has of a token: the first ones.
	maxRoles = 100
)

// byBearer is who comes with a bearer token, a JWT, and whose user that is. The
// error says what is wrong with the token and nothing that is in it.
func (a *Authority) byBearer(ctx context.Context, book *tenants.Book, text string, now time.Time) (hub.Principal, *tenants.Tenant, error) {
	if len(text) > maxToken {
		return hub.Principal{}, nil, fmt.Errorf("it has %d bytes, and %d are the most", len(text), maxToken)
	}
	t, issuer, err := issuerOf(book, text)
	if err != nil {
		return hub.Principal{}, nil, err
	}
	claims, err := a.verify(ctx, issuer, text)
	if err != nil {
		return hub.Principal{}, nil, fmt.Errorf("of %s: %w", t.Name, err)
	}
	p, err := principalOf(issuer, claims, now)
	if err != nil {
		return hub.Principal{}, nil, fmt.Errorf("of %s: %w", t.Name, err)
	}
	p.Tenant = t.Name
	return p, t, nil
}

// issuerOf is who is said to have issued text. Nothing in it is true yet.
func issuerOf(book *tenants.Book, text string) (*tenants.Tenant, *tenants.Issuer, error) {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser(jwt.WithStrictDecoding()).ParseUnverified(text, claims); err != nil {
		return nil, nil, err
	}
	name, err := claims.GetIssuer()
	if err != nil {
		return nil, nil, err
	}
	audience, err := claims.GetAudience()
	if err != nil {
		return nil, nil, err
	}
	t, issuer := book.Issuer(name, audience)
	if issuer == nil {
		return nil, nil, errors.New("no tenant takes tokens of this issuer for this audience")
	}
	return t, issuer, nil
}

// verify is what text says if the issuer has signed it for us and its time is now.
func (a *Authority) verify(ctx context.Context, issuer *tenants.Issuer, text string) (jwt.MapClaims, error) {
	allowed := slices.DeleteFunc(slices.Clone(issuer.Algorithms), func(alg string) bool { return !slices.Contains(tenants.Algorithms, alg) })
	if len(allowed) == 0 || len(issuer.Audience) == 0 || issuer.Name == "" {
		return nil, errors.New("its issuer may not sign anything for here") // the parser would take everything
	}
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(
		jwt.WithStrictDecoding(), jwt.WithValidMethods(allowed), jwt.WithIssuer(issuer.Name), jwt.WithAudience(issuer.Audience...),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(grants.Leeway),
	).ParseWithClaims(text, claims, func(token *jwt.Token) (any, error) {
		// The header names a key and how it signed. Where keys are, and what else it
		// has of them (jku, jwk, x5u, x5c), is not looked at.
		if _, ok := token.Header["crit"]; ok {
			return nil, errors.New("its header demands what is not known here")
		}
		id, ok := token.Header["kid"].(string)
		if !ok && token.Header["kid"] != nil {
			return nil, errors.New("the id of its key is no text")
		}
		return a.keys.find(ctx, issuer.JWKS, id, token.Method.Alg())
	})
	return claims, err
}

// principalOf is the user of whom the issuer says that.
func principalOf(issuer *tenants.Issuer, claims jwt.MapClaims, now time.Time) (hub.Principal, error) {
	user, _ := claims[issuer.User].(string)
	if user == "" {
		return hub.Principal{}, errors.New("its claim for the user is no text, or is missing")
	}
	p := hub.Principal{ID: issuer.Prefix + user, Roles: rolesOf(issuer, claims)}
	if err := contract.ValidName(p.ID); err != nil {
		return hub.Principal{}, errors.New("its user cannot be one: 1 to 255 bytes of UTF-8 without control characters")
	}
	name, _ := claims[issuer.DisplayName].(string)
	p.Name = access.ForeignName(name)
	if icon, _ := claims[issuer.Icon].(string); grants.ValidIcon(icon) {
		p.Icon = icon
	}
	issued, err := claims.GetIssuedAt()
	if err != nil {
		return hub.Principal{}, err
	}
	if issued != nil {
		if p.Issued = issued.UnixMilli(); !grants.ValidTime(p.Issued) || now.Sub(issued.Time) > maxAge {
			return hub.Principal{}, errors.New("it was issued over a year ago")
		}
	}
	expires, err := claims.GetExpirationTime()
	if err != nil {
		return hub.Principal{}, err
	}
	if p.Expires = expires.UnixMilli(); p.Expires <= now.UnixMilli() {
		p.Expires += grants.Leeway.Milliseconds() // the issuer's clock is behind
	}
	if !grants.ValidTime(p.Expires) {
		return hub.Principal{}, errors.New("its time cannot be")
	}
	return p, nil
}

// rolesOf are the roles that the issuer's rules give for claims, each once.
func rolesOf(issuer *tenants.Issuer, claims jwt.MapClaims) (roles []string) {
	for _, rule := range issuer.Roles {
		for _, value := range texts(claims[rule.Claim]) {
			role := rule.Role
			switch {
			case !rule.Any && value != rule.Is:
				continue
			case role == "":
				role = value
			}
			if len(roles) < maxRoles && contract.ValidName(role) == nil && !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	return roles
}

// texts are the texts of a claim, which is one or a list of them.
func texts(claim any) []string {
	switch claim := claim.(type) {
	case string:
		return []string{claim}
	case []any:
		var list []string
		for _, one := range claim {
			if text, ok := one.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}
