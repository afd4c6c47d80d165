package testserver

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"partline.dev/server/hub"
)

// redirect sends a negotiation on, as often as its parameter hops says, each
// time with a token that the next hop asks for, and at last to /testhub.
func (i *issuer) redirect(r *http.Request, p hub.Principal) (url, accessToken string, ok bool) {
	q := r.URL.Query()
	hops, err := strconv.Atoi(q.Get("hops"))
	if err != nil || hops < 1 {
		return "", "", false
	}
	done, _ := strconv.Atoi(q.Get("redirects")) // none at first
	if done > 0 && p.Claims[hopClaim] != strconv.Itoa(done) {
		return "", "", false // the client did not bring what it was given
	}
	done++
	url = fmt.Sprintf("http://%s/redirect?hops=%d&redirects=%d", r.Host, hops-1, done)
	if hops == 1 {
		url = fmt.Sprintf("http://%s/testhub?redirects=%d", r.Host, done)
	}
	return url, i.issue(ticket{User: "redirected", Expires: time.Now().Add(time.Hour).UnixMilli(), Hop: done}), true
}
