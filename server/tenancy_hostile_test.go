package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestHostile_aTenantsSitesCoverTheServer has a tenant whose sites the server is among:
// parts of others connect all the same, and a page of the server's own is nobody's
// visitor by its address alone.
func TestHostile_aTenantsSitesCoverTheServer(t *testing.T) {
	const self = "https://parts.example"
	for name, h := range map[string]http.Handler{
		"the file's":  withTenants(t, strings.Replace(twoTenants, "https://*.fabrikam.example", self, 1)),
		"another way": withTenants(t, strings.Replace(twoTenants, "["+contosoSite+"]", "["+contosoSite+", "+self+"]", 1)),
	} {
		own := []string{"Origin", self, "Sec-Fetch-Site", "same-origin"}
		for key, tenant := range map[string]string{contosoKey: "contoso", fabrikamKey: "fabrikam"} {
			if got := negotiate(h, "/hubs/connected", `{"key":"`+key+`"}`, own...); got.Code != http.StatusOK {
				t.Errorf("%s: a part of %s: %d %s", name, tenant, got.Code, got.Body)
			}
		}
		for what, got := range map[string]int{
			"our client":  negotiate(h, "/hubs/connected", "{}", own...).Code,
			"another's":   send(h, http.MethodPost, "/hubs/connected/negotiate", "", own...).Code,
			"SignalR 2's": send(h, http.MethodGet, "/signalr/negotiate?clientProtocol=1.5", "", own...).Code,
		} {
			if got == http.StatusOK {
				t.Errorf("%s: %s without a key is let in", name, what)
			}
		}
		if got := negotiate(h, "/hubs/connected", `{"key":"`+contosoKey+`"}`, "Origin", fabrikamSite); got.Code != http.StatusForbidden {
			t.Errorf("%s: the key of one at the site of another: %d %s", name, got.Code, got.Body)
		}
	}
}
