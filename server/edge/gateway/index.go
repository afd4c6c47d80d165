package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// IndexFile is the name of the file that holds the [Index].
const IndexFile = "index.json"

// Index says which files were rendered before, by what they are. Names are paths
// without a slash before them, as a [Platform] takes them.
type Index struct {
	// Languages are those of the texts, the default first.
	Languages []string `json:"languages"`

	// Pages are the files of each page, by language.
	Pages map[string]map[string]string `json:"pages"`

	// Manifest are those of the app's manifest.
	Manifest map[string]string `json:"manifest"`

	// Worker is the script of the service worker, and Version the text in it that
	// stands for the version of what is served.
	Worker  string `json:"worker"`
	Version string `json:"version"`

	// Files are the paths of what pages need besides, all below /web/.
	Files []string `json:"files"`
}

// The names of pages in an [Index]; that of a part is [PagePart] and its name.
const (
	PageList     = "list"
	PageOffline  = "offline"
	PageNotFound = "not-found"
	PagePart     = "parts/"

	// PageRefusedNobody and the following are for a site that may not show a part. In
	// the place of the texts that are called Stand the real ones are shown.
	PageRefusedNobody = "refused-nobody" // it is not known whose part it is
	PageRefusedOnly   = "refused-only"   // there is one tenant, and no file
	PageRefusedFile   = "refused-file"   // a line of the file would allow it
	PageRefusedTenant = "refused-tenant" // likewise, and the tenant may be named
)

// What stands in refused pages for what is not known before.
const (
	StandSite   = "https://site.invalid"
	StandTenant = "tenant.invalid"
	StandFlag   = "--allow-host " + StandSite
	StandLine   = "hosts: [" + StandSite + "]"
)

// ErrIndex says that an index is not one of this version.
var ErrIndex = errors.New("gateway: the index of the rendered files cannot be read")

// ReadIndex reads the content of an [IndexFile]. The error wraps [ErrIndex].
func ReadIndex(content []byte) (*Index, error) {
	var x Index
	if err := json.Unmarshal(content, &x); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIndex, err)
	}
	if len(x.Languages) == 0 || x.Version == "" || !fs.ValidPath(x.Worker) {
		return nil, fmt.Errorf("%w: it has no languages, no worker or no version", ErrIndex)
	}
	needed := []map[string]string{x.Manifest}
	for _, name := range []string{PageList, PageOffline, PageNotFound, PageRefusedNobody, PageRefusedOnly, PageRefusedFile, PageRefusedTenant} {
		needed = append(needed, x.Pages[name])
	}
	for name, files := range x.Pages {
		if part, ok := strings.CutPrefix(name, PagePart); ok && part == "" {
			return nil, fmt.Errorf("%w: a part has no name", ErrIndex)
		}
		needed = append(needed, files)
	}
	for _, files := range needed {
		for _, lang := range x.Languages {
			if !fs.ValidPath(files[lang]) {
				return nil, fmt.Errorf("%w: a page is not there in %q", ErrIndex, lang)
			}
		}
	}
	return &x, nil
}
