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
	"partline.dev/app/parts"
	"partline.dev/server/page"
	"partline.dev/shared/contract"
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
	Parts  []hostPart
	Frames []*hostPage // pages of this site that it shows

	example  *example // nil: it is none
	words    string   // the template of what it says of itself
	template *template.Template
}

// hostPart is a part on a page: where on the parts' site, and what it is called.
type hostPart struct{ Path, Title string }

// inScope are parts as a page has them that says who hears them. Without a scope the
// page says nothing, and they do as they do by themselves.
func inScope(scope contract.Scope, parts ...part.Part) (framed []hostPart) {
	for _, p := range parts {
		path := p.Path()
		if scope != "" {
			path += "?scope=" + string(scope)
		}
		framed = append(framed, hostPart{Path: path, Title: p.Title})
	}
	return framed
}

// hostView is what the template is given.
type hostView struct {
	*hostPage
	Site      string
	PartsSite string
	Pages     []*hostPage
	Example   *exampleView
}

// DemoHost returns the demo host pages of the built-in parts that another program
// serves at partsSite, as https://parts.example without a slash at its end. They are as
// with [Options.Dev], without the examples, whose hubs may not be there.
func DemoHost(partsSite string) (http.Handler, error) {
	return newDevHost(partsSite, parts.All(), nil, "")
}

// newDevHost returns the demo host pages of parts that are served at partsSite, the
// server's public address: all of them at /, where they hear one another and nobody
// else; all of them at /everyone, and each one at /{name}, where they hear everyone;
// one in several scopes at /scopes; and the examples at their paths, whose npm
// clients are in the folder npm.
func newDevHost(partsSite string, parts []part.Part, examples []*example, npm string) (http.Handler, error) {
	d := &devHost{partsSite: partsSite, npm: npm, files: map[string][]byte{}}
	if err := d.read(hostStyle); err != nil {
		return nil, err
	}
	for _, page := range partPages(parts) {
		var err error
		if page.template, err = template.ParseFS(web.Host(), "host.html", page.words); err != nil {
			return nil, fmt.Errorf("the demo host page %s: %w", page.Path, err)
		}
		d.pages = append(d.pages, page)
	}
	for _, e := range examples {
		if err := d.addExample(e, parts); err != nil {
			return nil, fmt.Errorf("the example %s: %w", e.path, err)
		}
	}
	return d, nil
}

// partPages are the pages that show parts and nothing else.
func partPages(parts []part.Part) []*hostPage {
	pages := []*hostPage{
		{Path: "/", Label: "This page only", Title: "Parts that hear one another on this page only", Parts: inScope("", parts...), words: "page.html"},
		{Path: "/everyone", Label: "Everyone", Title: "Parts that hear everyone", Parts: inScope(contract.ScopeTenant, parts...), words: "everyone.html"},
	}
	if len(parts) > 0 {
		scopes := &hostPage{Path: "/scopes", Label: "Who hears whom", Title: "One part in three scopes", words: "scopes.html"}
		for _, s := range []contract.Scope{contract.ScopePage, contract.ScopeSession, contract.ScopeTenant} {
			p := inScope(s, parts[0])[0]
			p.Title += ": " + string(s)
			scopes.Parts = append(scopes.Parts, p)
		}
		pages = append(pages, scopes)
	}
	for _, one := range parts {
		pages = append(pages, &hostPage{Path: "/" + one.Name, Label: one.Title, Title: one.Title, Parts: inScope(contract.ScopeTenant, one), words: "everyone.html"})
	}
	return pages
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
		page.Answer(w, http.StatusMethodNotAllowed, page.OnlyRead)
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
	page.Answer(w, http.StatusNotFound, page.Nothing)
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
