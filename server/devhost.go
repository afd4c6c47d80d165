package server

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"

	"partline.dev/app/part"
	"partline.dev/web"
)

// devHost is the demo host page: a page of another site that shows parts. It
// holds no script, sets no cookie and knows nothing of the parts but their
// addresses.
type devHost struct {
	partsSite string
	style     []byte
	page      *template.Template
	pages     []hostPage
}

// hostPage is one page: all parts side by side, or one of them.
type hostPage struct {
	Path  string
	Label string
	Title string
	Parts []part.Part
}

// hostView is what the template is given.
type hostView struct {
	hostPage
	Site      string
	PartsSite string
	Pages     []hostPage
}

// newDevHost returns the demo host page of parts that are served at partsSite, the
// server's public address: all of them at /, each one at /{name}.
func newDevHost(partsSite string, parts []part.Part) (http.Handler, error) {
	style, err := fs.ReadFile(web.Static(), "host.css")
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(web.Pages(), "host.html")
	if err != nil {
		return nil, fmt.Errorf("the demo host page: %w", err)
	}
	d := &devHost{partsSite: partsSite, style: style, page: page}
	d.pages = append(d.pages, hostPage{Path: "/", Label: "All parts", Title: "All parts on one page", Parts: parts})
	for _, one := range parts {
		d.pages = append(d.pages, hostPage{Path: "/" + one.Name, Label: one.Title, Title: one.Title, Parts: []part.Part{one}})
	}
	return d, nil
}

// ServeHTTP answers requests for the pages and their style sheet.
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
	v := hostView{hostPage: page, Site: "http://" + r.Host, PartsSite: d.partsSite, Pages: d.pages}
	if err := d.page.Execute(&content, v); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(content.Len()))
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; frame-src "+d.partsSite+"/")
	_, _ = w.Write(content.Bytes())
}
