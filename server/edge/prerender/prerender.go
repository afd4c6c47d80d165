// Package prerender renders, with the server that would show them, the pages that the
// gateway shows at the edge, and writes the files that they need beside them.
//
//	err := prerender.Render(ctx, "bin/edge/gateway/assets", prerender.Options{})
//
// The folder gets web, whose files never change under their names, with _headers, by
// which the platform serves them; pages, and the index that says which is which, for
// the gateway alone.
//
// Concurrency: two renderings into one folder must not overlap. Nothing is started
// that is not waited for. What blocks is writing the files.
package prerender

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"partline.dev/app/part"
	"partline.dev/app/parts"
	"partline.dev/app/ui"
	"partline.dev/server"
	"partline.dev/server/edge/gateway"
)

// Options say what is rendered. The zero value is the built-in parts.
type Options struct {
	// Parts are the parts that are listed and shown. Nil: the built-in parts.
	Parts []part.Part

	// App is the folder of the parts' program, as package web/wasmbuild leaves it. Nil:
	// the one that is embedded.
	App fs.FS
}

// ErrNotBuilt says that there is no program of the parts, which pages would name.
var ErrNotBuilt = errors.New("prerender: the parts' program is not built: run make build")

// Render writes everything into the folder dir, which is made if it is not there.
func Render(ctx context.Context, dir string, o Options) (err error) {
	if o.Parts == nil {
		o.Parts = parts.All()
	}
	r := &rendering{dir: dir, options: o, index: gateway.Index{Pages: map[string]map[string]string{}, Manifest: map[string]string{}}}
	for _, lang := range ui.Languages() {
		r.index.Languages = append(r.index.Languages, string(lang))
	}
	return r.run(ctx)
}

// rendering is one that runs.
type rendering struct {
	dir     string
	options Options
	index   gateway.Index
	shows   http.Handler // that shows what is rendered now
}

func (r *rendering) run(ctx context.Context) error {
	if err := r.serve(ctx, "", r.everything); err != nil {
		return err
	}
	if err := r.serve(ctx, oneTenant, r.refusedByFile); err != nil {
		return err
	}
	if err := r.serve(ctx, twoTenants, r.refusedByNobody); err != nil {
		return err
	}
	content, err := json.MarshalIndent(r.index, "", "  ")
	if err != nil {
		return err
	}
	if _, err := gateway.ReadIndex(content); err != nil {
		return err
	}
	return r.write(gateway.IndexFile, content)
}

// serve has a server of those tenants show what render asks for.
func (r *rendering) serve(ctx context.Context, tenants string, render func(*server.Server) error) (err error) {
	o := server.Options{Parts: r.options.Parts, App: r.options.App, NoInstall: true, Log: slog.New(slog.DiscardHandler)}
	if tenants != "" {
		temp, err := os.MkdirTemp("", "partline-prerender-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(temp) }()
		o.Tenants = filepath.Join(temp, "tenants.yaml")
		if err := os.WriteFile(o.Tenants, []byte(tenants), 0o600); err != nil {
			return err
		}
	}
	s, err := server.New(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Shutdown(ctx)) }()
	r.shows = s.Handler()
	return render(s)
}

// everything renders what depends on no tenant.
func (r *rendering) everything(s *server.Server) error {
	pages := map[string]string{gateway.PageList: "/", gateway.PageOffline: "/offline", gateway.PageNotFound: "/not/found"}
	for _, one := range r.options.Parts {
		pages[gateway.PagePart+one.Name] = one.Path()
	}
	for name, path := range pages {
		want := http.StatusOK
		if name == gateway.PageNotFound {
			want = http.StatusNotFound
		}
		if err := r.page(name, path, "", want); err != nil {
			return err
		}
	}
	if err := r.refused(gateway.PageRefusedOnly, ""); err != nil {
		return err
	}
	for _, lang := range r.index.Languages {
		shown, err := r.get("/manifest.webmanifest", lang, "", http.StatusOK)
		if err != nil {
			return err
		}
		r.index.Manifest[lang] = "pages/manifest." + lang + ".json"
		if err := r.write(r.index.Manifest[lang], shown.body.Bytes()); err != nil {
			return err
		}
	}
	if err := r.worker(); err != nil {
		return err
	}
	r.index.Files = s.Files()
	return r.files()
}

// workerVersion is where the script of the service worker says which it is.
var workerVersion = regexp.MustCompile(`partline-([0-9a-f]{16})`)

func (r *rendering) worker() error {
	shown, err := r.get("/worker.js", "", "", http.StatusOK)
	if err != nil {
		return err
	}
	version := workerVersion.FindSubmatch(shown.body.Bytes())
	if version == nil {
		return errors.New("prerender: the service worker does not say its version")
	}
	r.index.Worker, r.index.Version = "pages/worker.js", string(version[1])
	return r.write(r.index.Worker, shown.body.Bytes())
}

// page renders one page in every language. Site: one that may not show it; empty:
// nobody shows it.
func (r *rendering) page(name, path, site string, want int) error {
	r.index.Pages[name] = map[string]string{}
	for _, lang := range r.index.Languages {
		shown, err := r.get(path, lang, site, want)
		if err != nil {
			return err
		}
		file := fmt.Sprintf("pages/%s.%s.html", strings.ReplaceAll(name, "/", "-"), lang)
		r.index.Pages[name][lang] = file
		if err := r.write(file, shown.body.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (r *rendering) write(name string, content []byte) error {
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
