package prerender

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"partline.dev/app/address"
	"partline.dev/server"
	"partline.dev/server/edge/gateway"
)

// The tenants by whose files a site is refused: one, so that every part is its, and
// two, of whom nobody knows which is meant.
const (
	embedKey   = "ek_prerendered__________"
	oneTenant  = "tenants:\n  " + gateway.StandTenant + ": {guests: anybody, embed-keys: [" + embedKey + "]}\n"
	twoTenants = oneTenant + "  another: {guests: anybody}\n"
)

func (r *rendering) refusedByFile(*server.Server) error {
	if err := r.refused(gateway.PageRefusedFile, ""); err != nil {
		return err
	}
	return r.refused(gateway.PageRefusedTenant, embedKey)
}

func (r *rendering) refusedByNobody(*server.Server) error {
	return r.refused(gateway.PageRefusedNobody, "")
}

// refused renders what a site is told that may not show a part, with what stands there
// for what is filled in.
func (r *rendering) refused(name, key string) error {
	path := r.options.Parts[0].Path()
	if key != "" {
		path += "?" + url.Values{address.Key: {key}}.Encode()
	}
	if err := r.page(name, path, gateway.StandSite, http.StatusForbidden); err != nil {
		return err
	}
	stands := map[string][]string{
		gateway.PageRefusedNobody: nil,
		gateway.PageRefusedOnly:   {gateway.StandSite, gateway.StandFlag},
		gateway.PageRefusedFile:   {gateway.StandSite, gateway.StandLine},
		gateway.PageRefusedTenant: {gateway.StandSite, gateway.StandLine, gateway.StandTenant},
	}
	shown, err := r.get(path, r.index.Languages[0], gateway.StandSite, http.StatusForbidden)
	if err != nil {
		return err
	}
	for _, text := range stands[name] {
		if !strings.Contains(shown.body.String(), text) {
			return fmt.Errorf("prerender: the page %s has no %q to fill in", name, text)
		}
	}
	return nil
}
