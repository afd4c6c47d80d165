package server

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"partline.dev/app/part"
	"partline.dev/web"
)

// devHost is the demo host pages: pages of another site that show parts, and one
// that is a SignalR page itself. The former hold no script; none sets a cookie or
// knows anything of the parts but their addresses.
type devHost struct {
	partsSite string
	style     []byte
	example   *example // nil: there is none
	pages     []hostPage
}

// hostPage is one page: all parts side by side, one of them, or the example.
type hostPage struct {
	Path  string
	Label string
	Title string
	Parts []part.Part

	template *template.Template
	scripts  bool
}

// hostView is what the template is given.
type hostView struct {
	hostPage
	Site      string
	PartsSite string
	Pages     []hostPage
	HasClient bool
}

// newDevHost returns the demo host pages of parts that are served at partsSite, the
// server's public address: all of them at /, each one at /{name}, and the example,
// if there is one, at its path.
func newDevHost(partsSite string, parts []part.Part, e *example) (http.Handler, error) {
	style, err := fs.ReadFile(web.Static(), "host.css")
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(web.Pages(), "host.html")
	if err != nil {
		return nil, fmt.Errorf("the demo host page: %w", err)
	}
	d := &devHost{partsSite: partsSite, style: style, example: e}
	d.pages = append(d.pages, hostPage{Path: "/", Label: "All parts", Title: "All parts on one page", Parts: parts, template: page})
	for _, one := range parts {
		d.pages = append(d.pages, hostPage{Path: "/" + one.Name, Label: one.Title, Title: one.Title, Parts: []part.Part{one}, template: page})
	}
	if e != nil {
		own, err := e.page(page, parts)
		if err != nil {
			return nil, err
		}
		d.pages = append(d.pages, own)
	}
	return d, nil
}

// ServeHTTP answers requests for the pages and their files.
func (d *devHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		answer(w, http.StatusMethodNotAllowed, "this address is only read: GET or HEAD")
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if r.URL.Path == "/host.css" {
		h.Set("Content-Type", "text/css; charset=utf-8")
		send(w, d.style)
		return
	}
	if script := d.example.script(r.URL.Path); script != nil {
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		send(w, script)
		return
	}
	for _, page := range d.pages {
		if page.Path == r.URL.Path {
			d.serve(w, r, page)
			return
		}
	}
	answer(w, http.StatusNotFound, "there is nothing at this address")
}

func (d *devHost) serve(w http.ResponseWriter, r *http.Request, page hostPage) {
	var content bytes.Buffer
	v := hostView{hostPage: page, Site: "http://" + r.Host, PartsSite: d.partsSite, Pages: d.pages, HasClient: d.example.hasClient()}
	if err := page.template.Execute(&content, v); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(content.Len()))
	h.Set("Content-Security-Policy", d.policy(page))
	_, _ = w.Write(content.Bytes())
}

// policy is what a page may load: parts, and the example also scripts and the
// hub.
func (d *devHost) policy(page hostPage) string {
	policy := "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; frame-src " + d.partsSite + "/"
	if page.scripts {
		// http becomes ws, and https wss.
		socket := "ws" + strings.TrimPrefix(d.partsSite, "http")
		policy += "; script-src 'self'; connect-src " + d.partsSite + "/ " + socket + "/"
	}
	return policy
}
