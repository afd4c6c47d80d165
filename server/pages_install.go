package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"partline.dev/app/address"
	"partline.dev/app/part"
	"partline.dev/app/ui"
	"partline.dev/server/page"
	"partline.dev/shared/contract"
)

// sandbox is what a frame's attribute sandbox has to allow a part, if a page wants
// one: to run, to be of its own site, and to open itself as an app.
const sandbox = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"

// installView is what the page for administrators is given: what was asked, and
// what it says to that.
type installView struct {
	Text    *ui.InstallTexts
	Own     string // the language that the page was asked for; empty: the browser's
	Framed  string // the site that shows the page; empty: nobody does
	Sandbox string

	Host, Key, Room string
	Width, Height   int
	Choices         []choice
	Parts           []installPart

	BadKey      bool
	Verdict     string // yes, no or unknown: whether Host may show the parts
	VerdictText string
	Line        string // what would allow it
	LineText    string // where that belongs
	Problem     string // why there are no snippets
	Snippets    []snippet
}

// choice is a list to choose one of.
type choice struct {
	Name, Title string
	Options     []option
}

type option struct {
	Value, Title string
	Chosen       bool
}

// installPart is a part and what may be said of it.
type installPart struct {
	part.Part
	Properties []installProperty
}

type installProperty struct {
	part.Property
	Field string // of the form
	Value string
}

// snippet is the HTML that shows a part.
type snippet struct{ Name, Title, HTML string }

// serveInstall serves the page for administrators. Nothing of what is asked is kept,
// and nothing of a tenant is said to who does not know its embed key.
func (p *pages) serveInstall(w http.ResponseWriter, r *http.Request) {
	if site, refused := page.RefusedSite(p.own, p.tenants.of(r), r); refused {
		p.serveRefused(w, r, site)
		return
	}
	v := p.view(r)
	asked := installFields(r)
	t := v.Lang.InstallTexts()
	of := p.tenants.of(r)
	i := &installView{
		Text: t, Own: asked.text("lang", 35), Sandbox: sandbox,
		Host: asked.text("host", 2048), Key: asked.text(address.Key, contract.MaxName), Room: asked.text("room", contract.MaxName),
		Width: asked.number("width", frameWidth, 100, 4000), Height: asked.number("height", frameHeight, 50, 4000),
	}
	i.choose(p, asked, v.Text)
	if site, known := page.RefererSite(r.Referer()); known {
		if page.Framing(r) {
			i.Framed = site
		}
		if i.Host == "" && !p.own.Allows(r, site) {
			i.Host = site
		}
	}
	i.judge(p, r, of)
	switch {
	case i.Key != "" && !of.ByKey:
		i.BadKey, i.Problem = true, t.UnknownKey
	case of.Tenant == nil:
		i.Problem = t.NeedsKey
	default:
		i.write(p.site(r))
	}
	v.Title, v.Description, v.Install = t.Title, t.Intro, i
	p.headers.Part(w, r, of)
	p.render(w, http.StatusOK, "install.html", v)
}

// choose fills in the lists to choose from, and the parts.
func (i *installView) choose(p *pages, asked fields, texts *ui.Texts) {
	t := i.Text
	list := func(name, title string, options ...option) {
		wanted := asked.text(name, part.MaxName)
		for n := range options {
			options[n].Chosen = options[n].Value == wanted
		}
		i.Choices = append(i.Choices, choice{name, title, options})
	}
	scopes := []option{
		{Title: t.ScopeDefault},
		{Value: string(contract.ScopePage), Title: t.ScopePage}, {Value: string(contract.ScopeSession), Title: t.ScopeSession},
		{Value: string(contract.ScopeUser), Title: t.ScopeUser}, {Value: string(contract.ScopePlace), Title: t.ScopePlace},
		{Value: string(contract.ScopeTenant), Title: t.ScopeTenant},
	}
	if slices.ContainsFunc(p.hubs, p.tenants.now().World) {
		scopes = append(scopes, option{Value: string(contract.ScopeWorld), Title: t.ScopeWorld})
	}
	list("scope", t.Scope, scopes...)
	which := []option{{Title: texts.AllParts}}
	for _, one := range p.parts {
		which = append(which, option{Value: one.Name, Title: one.Title})
	}
	list("part", t.Part, which...)
	list("for-theme", t.Theme, option{Title: t.AsBrowser}, option{Value: "light", Title: t.ThemeLight},
		option{Value: "dark", Title: t.ThemeDark}, option{Value: "contrast", Title: t.ThemeStrong})
	languages := []option{{Title: t.AsBrowser}}
	for _, lang := range ui.Languages() {
		languages = append(languages, option{Value: string(lang), Title: lang.InstallTexts().Name})
	}
	list("for-lang", t.Language, languages...)
	for _, one := range p.parts {
		of := installPart{Part: one}
		for _, property := range one.Properties {
			field := one.Name + "." + property.Name
			of.Properties = append(of.Properties, installProperty{property, field, asked.text(field, 255)})
		}
		i.Parts = append(i.Parts, of)
	}
}

// chosen is what was chosen in the list called name, which is of the list.
func (i *installView) chosen(name string) string {
	for _, c := range i.Choices {
		for _, o := range c.Options {
			if c.Name == name && o.Chosen {
				return o.Value
			}
		}
	}
	return ""
}

// judge says whether the host may show parts.
func (i *installView) judge(p *pages, r *http.Request, of page.Whose) {
	t := i.Text
	i.Verdict = "unknown"
	if i.Host == "" {
		i.VerdictText = t.NoHost
		return
	}
	shown := i.Host
	if !strings.Contains(shown, "://") {
		shown = "https://" + shown
	}
	site, known := page.RefererSite(shown)
	switch {
	case !known:
		i.VerdictText = t.BadHost
	case p.own.Allows(r, site):
		i.Verdict, i.VerdictText = "yes", fmt.Sprintf(t.IsOwnF, site)
	case of.Tenant == nil:
		i.VerdictText = t.NeedsKey
	case of.Tenant.AllowsOrigin(site):
		i.Verdict, i.VerdictText = "yes", fmt.Sprintf(t.IsAllowedF, site)
	default:
		i.Verdict, i.VerdictText = "no", fmt.Sprintf(t.IsNotF, site)
		i.Line, i.LineText = p.tenants.lineToAllow(of, site), p.lineText(t, of)
	}
}

// lineText says where the line belongs that would allow a site. The tenant's name is
// for who knows its embed key.
func (p *pages) lineText(t *ui.InstallTexts, of page.Whose) string {
	switch {
	case !p.tenants.filed():
		return t.ByFlag
	case of.ByKey:
		return fmt.Sprintf(t.ByFileF, of.Tenant.Name)
	}
	return t.ByFile
}

// site is where people who sent r reach the parts, without a slash at its end.
func (p *pages) site(r *http.Request) string {
	if origin := p.public.origin(); origin != "" {
		return origin + p.base
	}
	scheme := "http://"
	if r.TLS != nil || r.URL.Scheme == "https" {
		scheme = "https://"
	}
	// The header Host is whatever a client sent.
	if !page.PlainHost(r.Host) {
		return p.base
	}
	return scheme + r.Host + p.base
}

// write writes the snippets, of parts at site.
func (i *installView) write(site string) {
	only := i.chosen("part")
	for _, one := range i.Parts {
		if only != "" && one.Name != only {
			continue
		}
		f := frame{site: site, part: one.Part, width: i.Width, height: i.Height, properties: []property{
			{address.Key, i.Key}, {address.Scope, i.chosen("scope")}, {address.Room, i.Room},
			{address.Theme, i.chosen("for-theme")}, {address.Lang, i.chosen("for-lang")},
		}}
		for _, p := range one.Properties {
			f.properties = append(f.properties, property{p.Name, p.Value})
		}
		i.Snippets = append(i.Snippets, snippet{one.Name, one.Title, f.html()})
	}
}

// fields are what a form was filled in with.
type fields url.Values

// maxFields is how much of a filled-in form is read, in bytes.
const maxFields = 16 << 10

func installFields(r *http.Request) fields {
	if len(r.URL.RawQuery) > maxFields {
		return fields{}
	}
	return fields(r.URL.Query())
}

// text is a field's first value, without control characters, of at most limit bytes.
func (f fields) text(name string, limit int) string {
	values := f[name]
	if len(values) == 0 || !utf8.ValidString(values[0]) {
		return ""
	}
	value := strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, values[0]))
	if len(value) > limit {
		end := limit
		for !utf8.RuneStart(value[end]) {
			end--
		}
		value = value[:end]
	}
	return value
}

// number is a field's value as a number from low to high, else what it is by itself.
func (f fields) number(name string, fallback, low, high int) int {
	n, err := strconv.Atoi(f.text(name, 8))
	if err != nil || n < low || n > high {
		return fallback
	}
	return n
}
