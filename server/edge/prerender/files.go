package prerender

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"partline.dev/app/address"
)

// get is what the server shows at path to whoever reads lang; of a site, if that is not
// empty, which wants to show it.
func (r *rendering) get(path, lang, site string, want int) (*answer, error) {
	if lang != "" {
		mark := "?"
		if strings.Contains(path, "?") {
			mark = "&"
		}
		path += mark + url.Values{address.Lang: {lang}}.Encode()
	}
	request, err := http.NewRequest(http.MethodGet, "https://parts.invalid"+path, http.NoBody) //nolint:noctx // it goes nowhere
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/html,*/*;q=0.8")
	if site != "" {
		request.Header.Set("Sec-Fetch-Dest", "iframe")
		request.Header.Set("Referer", site+"/")
	}
	shown := &answer{header: http.Header{}, code: http.StatusOK}
	r.shows.ServeHTTP(shown, request)
	switch {
	case shown.code == http.StatusServiceUnavailable:
		return nil, ErrNotBuilt
	case shown.code != want:
		return nil, fmt.Errorf("prerender: %s is answered with %d, not %d", path, shown.code, want)
	}
	return shown, nil
}

// answer is what the server has shown.
type answer struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.code = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// perContent are the headers of a file that the platform finds by itself.
var perContent = []string{"Content-Type", "Content-Length", "Content-Encoding", "Vary"}

// files writes what pages need besides, plain: the platform compresses. The headers
// are those that the server sends, of which all files have the same.
func (r *rendering) files() error {
	var common string
	for _, path := range r.index.Files {
		shown, err := r.get(path, "", "", http.StatusOK)
		if err != nil {
			return err
		}
		if err := r.write(strings.TrimPrefix(path, "/"), shown.body.Bytes()); err != nil {
			return err
		}
		headers := headersOf(shown.header)
		if common != "" && headers != common {
			return fmt.Errorf("prerender: %s has other headers than the files before:\n%s", path, headers)
		}
		common = headers
	}
	return r.write("_headers", []byte("/web/*\n"+common))
}

// headersOf are those that do not depend on the content, as the platform reads them.
func headersOf(h http.Header) string {
	var names []string
	for name := range h {
		if !slices.Contains(perContent, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b bytes.Buffer
	for _, name := range names {
		fmt.Fprintf(&b, "  %s: %s\n", name, h.Get(name))
	}
	return b.String()
}
