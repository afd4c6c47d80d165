package hubtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// ConnectIn connects a client as p that asks to be heard where w says. It fails the
// test if it may not be there; what it would be told then is the error of
// h.Core().Access. A client changes it by a [Call] of access.Enter.
func (h *Hub) ConnectIn(p hub.Principal, w access.Where) *Client {
	h.t.Helper()
	c := h.newClient()
	c.open(hub.OpenOptions{Hub: h.name, ID: rand.Text(), Codec: wire.JSON, Sink: inbox{c}, Principal: p, Where: w})
	return c
}

// ID is an id of a page or session as parts agree on it: the same for the same name.
func ID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// NotHeard fails the test if the client has heard an event of that name that was not
// taken. It waits until nothing runs that could still publish one.
func NotHeard[T any](t testing.TB, c *Client, event contract.Event[T]) {
	t.Helper()
	c.hub.Settle()
	if all := Heard(t, c, event); len(all) > 0 {
		t.Errorf("heard %v, and should not have heard %s", all, event.Descriptor().Name())
	}
}
