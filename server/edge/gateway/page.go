package gateway

import (
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"partline.dev/app/address"
	"partline.dev/server/page"
)

// shown is a request for a page, and what is needed to answer it.
type shown struct {
	*Handler
	w     http.ResponseWriter
	r     *http.Request
	index *Index
	lang  string
	of    page.Whose
}

// servePage answers what is not for a hub.
func (h *Handler) servePage(w http.ResponseWriter, r *http.Request) {
	content, err := h.platform.File(r.Context(), IndexFile)
	if err != nil {
		h.fail(w, "the index of the rendered files is not there", err)
		return
	}
	index, err := ReadIndex(content)
	if err != nil {
		h.fail(w, "the rendered files cannot be shown", err)
		return
	}
	preferred := address.Read(r.URL.RawQuery)[address.Lang]
	s := &shown{Handler: h, w: w, r: r, index: index, of: page.Of(h.book, r)}
	s.lang = address.Match(index.Languages, preferred, r.Header.Get("Accept-Language"))
	serve := s.find()
	switch {
	case serve == nil:
		s.notFound()
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		page.Answer(w, http.StatusMethodNotAllowed, page.OnlyRead)
	default:
		serve()
	}
}

// fail answers w because of what no client has to know.
func (h *Handler) fail(w http.ResponseWriter, what string, err error) {
	h.options.Log.Error(what, "error", err)
	page.Answer(w, http.StatusInternalServerError, "internal error")
}

// find is what answers, or nil.
func (s *shown) find() func() {
	switch path := s.r.URL.Path; path {
	case "/":
		return func() { s.headers.Page(s.w, s.r, s.of); s.html(http.StatusOK, PageList) }
	case "/offline":
		return func() { s.headers.Page(s.w, s.r, s.of); s.html(http.StatusOK, PageOffline) }
	case "/manifest.webmanifest":
		return s.manifest
	case "/worker.js":
		return s.worker
	default:
		name, ok := strings.CutPrefix(path, "/"+PagePart)
		if files := s.index.Pages[PagePart+name]; !ok || files == nil {
			return nil
		}
		return func() { s.part(PagePart + name) }
	}
}

// part shows one part, or tells the site that may not show it.
func (s *shown) part(name string) {
	if site, refused := page.RefusedSite(s.own, s.of, s.r); refused {
		s.refused(site)
		return
	}
	s.headers.Part(s.w, s.r, s.of)
	s.html(http.StatusOK, name)
}

// refused tells that site what would allow it.
func (s *shown) refused(site string) {
	name, line := PageRefusedOnly, ""
	switch {
	case !s.options.Filed:
		line = "ALLOW_HOSTS: " + strings.Join(append(slices.Clone(s.of.Hosts()), site), ", ")
	case s.of.Tenant == nil:
		name = PageRefusedNobody
	case s.of.ByKey:
		name, line = PageRefusedTenant, s.of.LineToAllow(site)
	default:
		name, line = PageRefusedFile, s.of.LineToAllow(site)
	}
	tenant := ""
	if s.of.Tenant != nil {
		tenant = s.of.Tenant.Name
	}
	s.options.Log.Warn("a site that is not allowed asked for a part", "site", site, "tenant", tenant, "to_allow", line)
	page.Refused(s.w.Header(), site)
	line = html.EscapeString(line)
	s.html(http.StatusForbidden, name,
		StandFlag, line, StandLine, line, StandSite, html.EscapeString(site), StandTenant, html.EscapeString(tenant))
}

// notFound says that there is no such page, to a program in a line.
func (s *shown) notFound() {
	if !page.WantsPage(s.r) {
		page.Answer(s.w, http.StatusNotFound, page.Nothing)
		return
	}
	s.headers.Page(s.w, s.r, s.of)
	s.html(http.StatusNotFound, PageNotFound)
}

// html answers with a page, in which new texts take the place of old ones.
func (s *shown) html(status int, name string, oldnew ...string) {
	content, err := s.platform.File(s.r.Context(), s.index.Pages[name][s.lang])
	if err != nil {
		clear(s.w.Header())
		s.fail(s.w, "a rendered page is not there", err)
		return
	}
	if len(oldnew) > 0 {
		content = []byte(strings.NewReplacer(oldnew...).Replace(string(content)))
	}
	page.Rendered(s.w.Header(), len(content))
	s.w.WriteHeader(status)
	_, _ = s.w.Write(content) // the client may have gone
}

func (s *shown) manifest() {
	content, err := s.platform.File(s.r.Context(), s.index.Manifest[s.lang])
	if err != nil {
		s.fail(s.w, "the manifest is not there", err)
		return
	}
	page.Manifest(s.w.Header())
	s.send(content)
}

// worker answers with the script of the service worker, whose text changes with
// everything that it keeps, headers included.
func (s *shown) worker() {
	content, err := s.platform.File(s.r.Context(), s.index.Worker)
	if err != nil {
		s.fail(s.w, "the script of the service worker is not there", err)
		return
	}
	version := page.Version(s.index.Files, s.headers.ContentPolicy(s.r, s.of))
	page.Script(s.w.Header(), page.WorkerPolicy)
	s.send([]byte(strings.ReplaceAll(string(content), s.index.Version, version)))
}

func (s *shown) send(content []byte) {
	s.w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = s.w.Write(content) // the client may have gone
}
