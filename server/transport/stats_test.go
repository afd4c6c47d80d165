package transport_test

import (
	"net/http"
	"strconv"
	"testing"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
)

// Refusals are counted by code, and no authority has the counters grow for ever.
func TestStats_refusalsByCode(t *testing.T) {
	n := 0
	s := serve(t, &transport.Options{Authority: front.AuthorityFunc(func(*http.Request) (hub.Principal, error) {
		n++
		code := access.CodeKey
		if n > 3 {
			code = access.Code("own-" + strconv.Itoa(n))
		}
		return hub.Principal{}, &access.Refusal{Code: code, Message: "no"}
	})})
	const more = 100
	for range 3 + more {
		s.do("POST", "/talk/negotiate")
	}
	got := s.host.Stats()
	sum := int64(0)
	for _, count := range got.RefusedBy {
		sum += count
	}
	if got.RefusedBy[access.CodeKey] != 3 || got.RefusedBy["own-4"] != 1 || got.RefusedBy["other"] != more-63 || sum != got.Refused || len(got.RefusedBy) != 65 {
		t.Errorf("of %d refusals there are %d: %v", got.Refused, sum, got.RefusedBy)
	}
}
