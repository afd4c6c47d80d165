package testhubs

import (
	"errors"
	"slices"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/testhub"
)

// The roles that mean something here.
const (
	adminRole  = "admin"  // may call testhub.AdminMethod
	bannedRole = "banned" // may not use the authorised hub
)

// NewAuthorized is the hub of [testhub.AuthorizedAPI]: everybody who has said who they
// are may use it, but for the role banned.
func NewAuthorized() *hub.Mux {
	m := hub.New(testhub.AuthorizedAPI)
	m.Authorize(authorized)
	hub.Handle(m, testhub.AuthorizedEcho, Echo)
	hub.Handle(m, testhub.AuthorizedUser, func(x *hub.Context, _ testhub.None) (string, error) { return x.Principal().ID, nil })
	return m
}

func authorized(p hub.Principal) error {
	if p.ID == "" {
		return errors.New("a token is needed")
	}
	if slices.Contains(p.Roles, bannedRole) {
		return errors.New("this user is banned")
	}
	return nil
}

// NewRefusing is the hub of [testhub.RefusingAPI]: nobody stays connected to it, and
// hears why.
func NewRefusing() *hub.Mux { return newRefusing(testhub.RefusingAPI, hub.Errorf("not today")) }

// NewFailing is the hub of [testhub.FailingAPI]: the same, and nobody hears why.
func NewFailing() *hub.Mux { return newRefusing(testhub.FailingAPI, errors.New("a secret")) }

func newRefusing(api *contract.API, err error) *hub.Mux {
	m := hub.New(api)
	m.OnConnect(func(*hub.Context) error { return err })
	return m
}
