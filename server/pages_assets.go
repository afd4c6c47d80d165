package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"partline.dev/server/page"
	"partline.dev/web"
)

// asset is one file under a name that tells its content, so it may be kept for
// ever.
type asset struct {
	contentType string
	plain       []byte // nil: what gzip holds
	gzip        []byte // nil: not worth it
	brotli      []byte // nil: there is none
	length      int    // of the plain content, in bytes
}

// assets are the files that pages need: the path in a page by the name in a
// template, and the file by the path at which it is asked for.
type assets struct {
	base  string // of the paths in a page
	paths map[string]string
	files map[string]*asset
}

func newAssets(base string) *assets {
	return &assets{base: base, paths: map[string]string{}, files: map[string]*asset{}}
}

// path is where the file called name is. A template that names another one
// cannot be executed.
func (a *assets) path(name string) (string, error) {
	p, ok := a.paths[name]
	if !ok {
		return "", fmt.Errorf("there is no file %q", name)
	}
	return p, nil
}

// find is the file at path, or nil.
func (a *assets) find(path string) *asset { return a.files[path] }

// names are the names of all files, for the version of what is served.
func (a *assets) names() []string {
	names := make([]string, 0, len(a.files))
	for p := range a.files {
		names = append(names, p)
	}
	return names
}

// addStatic adds what a page needs besides the program.
func (a *assets) addStatic() error {
	a.add("style.css", web.Style())
	for _, dir := range []string{".", "icons"} {
		files, err := fs.ReadDir(web.Static(), dir)
		if err != nil {
			return err
		}
		for _, f := range files {
			name := path.Join(dir, f.Name())
			if f.IsDir() || templated[name] {
				continue
			}
			content, err := fs.ReadFile(web.Static(), name)
			if err != nil {
				return err
			}
			a.add(name, content)
		}
	}
	return nil
}

// templated are the scripts that are filled in when they are served.
var templated = map[string]bool{"worker.js": true, "dev.js": true}

// addProgram adds the parts' program and the script that starts it.
func (a *assets) addProgram(app fs.FS, b web.Build) error {
	script, err := fs.ReadFile(app, web.ExecFile)
	if err != nil {
		return err
	}
	a.add(web.ExecFile, script)
	program := &asset{contentType: "application/wasm", length: b.Length}
	if program.brotli, err = fs.ReadFile(app, b.Wasm+".br"); err != nil {
		return err
	}
	if program.gzip, err = fs.ReadFile(app, b.Wasm+".gz"); err != nil {
		return err
	}
	a.files[programPath(b)] = program
	return nil
}

// programPath is where the program is.
func programPath(b web.Build) string { return "/web/" + b.Wasm }

// add adds a file under a name with its hash.
func (a *assets) add(name string, content []byte) {
	ext := path.Ext(name)
	sum := sha256.Sum256(content)
	base := strings.TrimSuffix(path.Base(name), ext)
	at := "/web/" + base + "-" + hex.EncodeToString(sum[:8]) + ext
	a.paths[name] = a.base + at
	file := &asset{contentType: contentTypes[ext], plain: content, length: len(content)}
	if ext != ".png" {
		file.gzip = gzipped(content)
	}
	a.files[at] = file
}

// contentTypes are those of web/static; a machine's own table might say
// something else.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".png": "image/png",
	".svg": "image/svg+xml",
}

func gzipped(content []byte) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(content) // into memory
	_ = w.Close()
	return packed.Bytes()
}

// forever is for what never changes under its name.
const forever = "public, max-age=31536000, immutable"

// serve answers with the smallest form that the client reads. Browsers offer
// brotli at https and localhost only.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	page.File(h)
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", forever)
	h.Set("Vary", "Accept-Encoding")
	accepts := acceptedEncodings(r)
	switch {
	case a.brotli != nil && accepts["br"]:
		h.Set("Content-Encoding", "br")
		send(w, a.brotli)
	case a.gzip != nil && accepts["gzip"]:
		h.Set("Content-Encoding", "gzip")
		send(w, a.gzip)
	case a.plain != nil:
		send(w, a.plain)
	default:
		h.Set("Content-Length", strconv.Itoa(a.length))
		if r.Method == http.MethodHead {
			return
		}
		unpacked, err := gzip.NewReader(bytes.NewReader(a.gzip))
		if err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		_, _ = io.Copy(w, unpacked) // the client may have gone
	}
}

func send(w http.ResponseWriter, content []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // the client may have gone
}

// acceptedEncodings reads the header Accept-Encoding. An encoding with a weight
// of zero is refused; other weights do not matter, since the order is ours.
func acceptedEncodings(r *http.Request) map[string]bool {
	accepted := map[string]bool{}
	for one := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, parameters, _ := strings.Cut(one, ";")
		weight, weighted := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
		if q, err := strconv.ParseFloat(weight, 64); weighted && (err != nil || q == 0) {
			continue
		}
		accepted[strings.ToLower(strings.TrimSpace(name))] = true
	}
	return accepted
}
