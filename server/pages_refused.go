package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"partline.dev/server/page"
)

// serveRefused answers with a page that holds nothing but the reason and what would
// allow it, and that this one site may show.
func (p *pages) serveRefused(w http.ResponseWriter, r *http.Request, site string) {
	of := p.tenants.of(r)
	line := p.tenants.lineToAllow(of, site)
	p.refusals.report(refusal{site: site, of: of, line: line}, time.Now())
	page.Refused(w.Header(), site)
	v := p.view(r)
	v.Title, v.Words = v.Text.NotAllowed, fmt.Sprintf(v.Text.NotAllowedF, site)
	if of.Tenant == nil {
		v.Words = v.Text.RefusedTenant // no site can be added to nobody's
	}
	v.Line, v.LineText = line, p.lineText(v.Lang.InstallTexts(), of)
	p.render(w, http.StatusForbidden, "message.html", v)
}

// Limits of what refusals say: anybody can ask from any number of sites.
const (
	refusalsPeriod = time.Minute
	refusalsMax    = 10 // sites in a period
)

// refusals tells the log which sites were refused, with what would allow each, once
// a period.
type refusals struct {
	log *slog.Logger

	mu    sync.Mutex      // Protects following.
	begun time.Time       // of the period
	told  map[string]bool // by site and tenant
	more  int             // refusals that were not told because there were too many sites
}

// refusal is one that is told.
type refusal struct {
	site string // as page.RefererSite gives it
	of   page.Whose
	line string // that would allow it; empty: nobody knows whose page it is
}

// report tells of r.
func (f *refusals) report(r refusal, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.begun) >= refusalsPeriod {
		if f.more > 0 {
			f.log.Warn("more sites that are not allowed asked for parts", "requests", f.more)
		}
		f.begun, f.told, f.more = now, map[string]bool{}, 0
	}
	about := []any{"site", r.site}
	switch {
	case r.line == "":
		about = append(about, "to_allow", "an embed key (?key=...) in the address of the part, and the site among hosts of its tenant")
	case r.of.Tenant.Name != "":
		about = append(about, "tenant", r.of.Tenant.Name, "to_allow", r.line)
	default:
		about = append(about, "to_allow", r.line)
	}
	key := fmt.Sprint(about...)
	switch {
	case f.told[key]:
	case len(f.told) == refusalsMax:
		f.more++
	default:
		f.told[key] = true
		f.log.Warn("a site that is not allowed asked for a part", about...)
	}
}
