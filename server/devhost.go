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

// devHost is the demo host pages: pages of another site that show parts, and some
// that are SignalR pages themselves. The former hold no script; none sets a cookie
// or knows anything of the parts but their addresses.
type devHost struct {
	partsSite string
	npm       string // the folder of the npm clients; empty: there is none
	files     map[string][]byte
	pages     []*hostPage
}

// hostPage is one page: all parts side by side, one of them, or an example.
type hostPage struct {
	Path   string
	Label  string // in the list of pages; empty: it is shown in a frame of another
	Title  string
	Parts  []part.Part
	Frames []*hostPage // pages of this site that it shows

	example  *example // nil: it is none
	template *template.Template
}

// hostView is what the template is given.
type hostView struct {
	*hostPage
	Site      string
	PartsSite string
	Pages     []*hostPage
	Example   *exampleView
}

// newDevHost returns the demo host pages of parts that are served at partsSite, the
// server's public address: all of them at /, each one at /{name}, and the examples
// at their paths, whose npm clients are in the folder npm.
func newDevHost(partsSite string, parts []part.Part, examples []*example, npm string) (http.Handler, error) {
	d := &devHost{partsSite: partsSite, npm: npm, files: map[string][]byte{}}
	if err := d.read(hostStyle); err != nil {
		return nil, err
	}
	page, err := template.ParseFS(web.Host(), "host.html")
	if err != nil {
		return nil, fmt.Errorf("the demo host page: %w", err)
	}
	d.pages = append(d.pages, &hostPage{Path: "/", Label: "All parts", Title: "All parts on one page", Parts: parts, template: page})
	for _, one := range parts {
		d.pages = append(d.pages, &hostPage{Path: "/" + one.Name, Label: one.Title, Title: one.Title, Parts: []part.Part{one}, template: page})
	}
	for _, e := range examples {
		if err := d.addExample(e, parts); err != nil {
			return nil, fmt.Errorf("the example %s: %w", e.path, err)
		}
	}
	return d, nil
}

// hostStyle is the style sheet of every page.
const hostStyle = "host.css"

// read takes a file of the pages.
func (d *devHost) read(name string) error {
	content, err := fs.ReadFile(web.Host(), name)
	d.files["/"+name] = content
	return err
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
	if content := d.file(r.URL.Path); content != nil {
		kind := "text/javascript; charset=utf-8"
		if r.URL.Path == "/"+hostStyle {
			kind = "text/css; charset=utf-8"
		}
		h.Set("Content-Type", kind)
		send(w, content)
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

func (d *devHost) serve(w http.ResponseWriter, r *http.Request, page *hostPage) {
	var content bytes.Buffer
	v := hostView{hostPage: page, Site: "http://" + r.Host, PartsSite: d.partsSite, Example: d.view(page.example)}
	for _, p := range d.pages {
		if p.Label != "" {
			v.Pages = append(v.Pages, p)
		}
	}
	if err := page.template.Execute(&content, v); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(content.Len()))
	h.Set("Content-Security-Policy", d.policy(page, v.Example))
	_, _ = w.Write(content.Bytes())
}

// policy is what a page may load: parts, and an example also scripts and the
// hub.
func (d *devHost) policy(page *hostPage, e *exampleView) string {
	frames, ancestors := d.partsSite+"/", "'none'"
	if len(page.Frames) > 0 {
		frames += " 'self'"
	}
	if page.Label == "" {
		ancestors = "'self'"
	}
	policy := "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors " + ancestors + "; frame-src " + frames
	if e != nil && e.Script != "" {
		// http becomes ws, and https wss.
		socket := "ws" + strings.TrimPrefix(d.partsSite, "http")
		policy += "; script-src " + strings.TrimSpace("'self' "+e.Generated) + "; connect-src " + d.partsSite + "/ " + socket + "/"
	}
	return policy
}
