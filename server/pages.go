package server

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"partline.dev/app/address"
	"partline.dev/app/part"
	"partline.dev/app/parts"
	"partline.dev/app/ui"
	"partline.dev/server/front"
	"partline.dev/server/page"
	"partline.dev/web"
)

// pages serves what a browser opens: the list of parts, the parts, and the files
// that these need. Every address is known when it is made, and none is a file's
// path: what is not in its maps is not there.
type pages struct {
	parts     []part.Part
	public    public
	base      string        // of every path in a page: public's prefix
	own       *front.Policy // which allows the server's own site only
	tenants   *tenancy
	hubs      []string // the names of those that there are
	headers   page.Headers
	assets    *assets
	build     web.Build // zero: the program is not built
	templates *template.Template
	content   map[contentKey]template.HTML
	refusals  refusals
	noInstall bool
	dev       *devEvents // nil without Options.Dev
}

// contentKey is what a part's pre-rendered content depends on, and all of it.
type contentKey struct {
	part string
	lang ui.Lang
}

// newPages reads and prepares everything that will be served.
func newPages(o *Options, at public, t *tenancy) (*pages, error) {
	own, err := front.NewPolicy(at.origin(), nil)
	if err != nil {
		return nil, err
	}
	p := &pages{
		parts:    o.Parts,
		own:      own,
		tenants:  t,
		base:     at.prefix,
		headers:  page.Headers{Scheme: at.scheme, Host: at.host},
		public:   at,
		content:  map[contentKey]template.HTML{},
		refusals: refusals{log: o.Log},

		noInstall: o.NoInstall,
	}
	for _, m := range o.Mounts {
		for _, one := range m.Hubs {
			p.hubs = append(p.hubs, one.Name())
		}
	}
	for _, one := range o.Hubs {
		p.hubs = append(p.hubs, one.Name())
	}
	if p.parts == nil {
		p.parts = parts.All()
	}
	if err := part.Check(p.parts...); err != nil {
		return nil, err
	}
	app := o.App
	if app == nil {
		app = web.Dist()
	}
	if err := p.load(app, o.Log); err != nil {
		return nil, err
	}
	for _, one := range p.parts {
		for _, lang := range ui.Languages() {
			p.content[contentKey{one.Name, lang}] = template.HTML(one.HTML(lang))
		}
	}
	if o.Dev {
		p.dev = watchDevStatus(o.DevStatus)
	}
	return p, nil
}

// load prepares the files and the templates.
func (p *pages) load(app fs.FS, log *slog.Logger) error {
	p.assets = newAssets(p.base)
	build, err := web.ReadBuild(app)
	switch {
	case errors.Is(err, web.ErrNotBuilt):
		log.Warn("the parts cannot be shown", "reason", err)
	case err != nil:
		return fmt.Errorf("the program of the parts: %w", err)
	default:
		p.build = build
		if err := p.assets.addProgram(app, build); err != nil {
			return fmt.Errorf("the program of the parts: %w", err)
		}
	}
	if err := p.assets.addStatic(); err != nil {
		return err
	}
	p.templates, err = template.New("").
		Funcs(template.FuncMap{"asset": p.assets.path}).
		ParseFS(web.Pages(), "*.html")
	if err != nil {
		return fmt.Errorf("the pages: %w", err)
	}
	return nil
}

// close ends what is open for as long as a page is, and waits for it.
func (p *pages) close() {
	if p.dev != nil {
		p.dev.close()
	}
}

// ServeHTTP answers requests for pages and their files.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	serve := p.find(r)
	if serve == nil {
		p.serveNotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		page.Answer(w, http.StatusMethodNotAllowed, page.OnlyRead)
		return
	}
	serve(w, r)
}

// find is what serves r's path, or nil.
func (p *pages) find(r *http.Request) http.HandlerFunc {
	path := r.URL.Path
	switch path {
	case "/":
		return p.serveList
	case "/manifest.webmanifest":
		return p.serveManifest
	case "/worker.js":
		return p.serveWorker
	case "/offline":
		return p.serveOffline
	case "/install":
		if !p.noInstall {
			return p.serveInstall
		}
	}
	if p.dev != nil {
		switch path {
		case "/dev/events":
			return p.dev.serveEvents
		case "/dev/reload.js":
			return p.serveReloadScript
		}
	}
	if a := p.assets.find(path); a != nil {
		return a.serve
	}
	if name, ok := strings.CutPrefix(path, "/parts/"); ok {
		for _, one := range p.parts {
			if one.Name == name {
				return func(w http.ResponseWriter, r *http.Request) { p.servePart(w, r, one) }
			}
		}
	}
	return nil
}

// view is what a page's template is given.
type view struct {
	Base        string // of every path
	Lang        ui.Lang
	Text        *ui.Texts
	Title       string
	Description string
	Dev         bool

	Parts     []part.Part   // of the list
	Words     string        // of a message
	Line      string        // of a message: what would change it; empty: nothing
	LineText  string        // what that is
	Home      bool          // of a message: whether it leads to the list
	Languages []ui.Lang     // of the page for offline
	Content   template.HTML // of a part
	Wasm      string        // of a part: its program's path
	Length    int           // of a part: its program's length in bytes
	Install   *installView  // of the page for administrators
	ToInstall string        // of the list: what leads there; empty: nothing does
}

// view is a view in the language that r asks for.
func (p *pages) view(r *http.Request) view {
	preferred := address.Read(r.URL.RawQuery)[address.Lang]
	lang := ui.MatchLang(preferred, r.Header.Get("Accept-Language"))
	return view{Base: p.base, Lang: lang, Text: lang.Texts(), Dev: p.dev != nil}
}

func (p *pages) serveList(w http.ResponseWriter, r *http.Request) {
	v := p.view(r)
	v.Title = "Partline"
	v.Description = v.Text.PartsIntro
	v.Parts = p.parts
	if !p.noInstall {
		v.ToInstall = v.Lang.InstallTexts().Link
	}
	p.headers.Page(w, r, p.tenants.of(r))
	p.render(w, http.StatusOK, "list.html", v)
}

func (p *pages) servePart(w http.ResponseWriter, r *http.Request, one part.Part) {
	if site, refused := page.RefusedSite(p.own, p.tenants.of(r), r); refused {
		p.serveRefused(w, r, site)
		return
	}
	v := p.view(r)
	p.headers.Part(w, r, p.tenants.of(r))
	if p.build.Wasm == "" {
		v.Title, v.Words, v.Home = v.Text.NotBuilt, v.Text.NotBuiltText, true
		p.render(w, http.StatusServiceUnavailable, "message.html", v)
		return
	}
	v.Title = one.Title
	v.Description = one.Text
	v.Content = p.content[contentKey{one.Name, v.Lang}]
	v.Wasm = p.base + programPath(p.build)
	v.Length = p.build.Length
	p.render(w, http.StatusOK, "part.html", v)
}

func (p *pages) serveOffline(w http.ResponseWriter, r *http.Request) {
	t := ui.English.Texts()
	p.headers.Page(w, r, p.tenants.of(r))
	p.render(w, http.StatusOK, "offline.html", view{
		Base:      p.base,
		Lang:      ui.English,
		Text:      t,
		Title:     t.Offline,
		Languages: ui.Languages(),
	})
}

// serveNotFound says that there is no such page, to a person in a page, to a
// program in a line.
func (p *pages) serveNotFound(w http.ResponseWriter, r *http.Request) {
	if !page.WantsPage(r) {
		page.Answer(w, http.StatusNotFound, page.Nothing)
		return
	}
	v := p.view(r)
	v.Title, v.Words, v.Home = v.Text.NotFound, v.Text.NotFoundText, true
	p.headers.Page(w, r, p.tenants.of(r))
	p.render(w, http.StatusNotFound, "message.html", v)
}

// render writes a page. It has no validator: a page that a browser kept would
// keep the frame-ancestors of its day.
func (p *pages) render(w http.ResponseWriter, status int, name string, v view) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, v); err != nil {
		// A template is wrong, which every test of its page shows.
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	page.Rendered(w.Header(), b.Len())
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
