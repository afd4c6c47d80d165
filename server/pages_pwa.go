package server

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"

	"partline.dev/app/ui"
	"partline.dev/server/page"
	"partline.dev/web"
)

// manifest is what makes the start page an app that can be installed.
type manifest struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	ShortName       string         `json:"short_name"`
	Description     string         `json:"description"`
	Lang            ui.Lang        `json:"lang"`
	Dir             string         `json:"dir"`
	StartURL        string         `json:"start_url"`
	Scope           string         `json:"scope"`
	Display         string         `json:"display"`
	BackgroundColor string         `json:"background_color"`
	ThemeColor      string         `json:"theme_color"`
	Icons           []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Src     string `json:"src"`
	Type    string `json:"type"`
	Sizes   string `json:"sizes"`
	Purpose string `json:"purpose"`
}

func (p *pages) serveManifest(w http.ResponseWriter, r *http.Request) {
	v := p.view(r)
	icon := func(name, kind, sizes, purpose string) manifestIcon {
		return manifestIcon{Src: p.assets.paths["icons/"+name], Type: kind, Sizes: sizes, Purpose: purpose}
	}
	content, err := json.Marshal(manifest{
		ID:              p.base + "/",
		Name:            "Partline",
		ShortName:       "Partline",
		Description:     v.Text.PartsIntro,
		Lang:            v.Lang,
		Dir:             v.Lang.Dir(),
		StartURL:        p.base + "/",
		Scope:           p.base + "/",
		Display:         "standalone",
		BackgroundColor: "#fafafa",
		ThemeColor:      "#2b5fd0",
		Icons: []manifestIcon{
			icon("icon-192.png", "image/png", "192x192", "any"),
			icon("icon-512.png", "image/png", "512x512", "any"),
			icon("icon-maskable-512.png", "image/png", "512x512", "maskable"),
			icon("icon.svg", "image/svg+xml", "any", "any"),
		},
	})
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	page.Manifest(w.Header())
	send(w, content)
}

// serveWorker serves the service worker. Its text changes with everything that
// it keeps, headers included, and then the browser installs it anew.
func (p *pages) serveWorker(w http.ResponseWriter, r *http.Request) {
	keep, err := json.Marshal([]string{
		p.assets.paths["style.css"],
		p.assets.paths["offline.js"],
		p.assets.paths["icons/icon.svg"],
	})
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	p.serveScript(w, page.WorkerPolicy, "worker.js",
		"{{.Version}}", p.version(r),
		"{{.Base}}", p.base,
		"{{.OfflineFiles}}", string(keep))
}

// version names what is served to r.
func (p *pages) version(r *http.Request) string {
	return page.Version(p.assets.names(), p.headers.ContentPolicy(r, p.tenants.of(r)))
}

// serveScript serves a script of web/static that is filled in, under a
// Content-Security-Policy.
func (p *pages) serveScript(w http.ResponseWriter, policy, name string, oldnew ...string) {
	script, err := fs.ReadFile(web.Static(), name)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	page.Script(w.Header(), policy)
	send(w, []byte(strings.NewReplacer(oldnew...).Replace(string(script))))
}
