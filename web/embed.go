// Package web holds what a browser is given besides the pages themselves: the
// style sheet, icons, scripts, the templates of the server's own pages, the demo
// host pages, and the WebAssembly program in dist once it is built.
//
//	build, err := web.ReadBuild(web.Dist())
//	if errors.Is(err, web.ErrNotBuilt) {
//		// say so; everything else works
//	}
//
// Concurrency: everything is embedded in the program and never changes. Nothing
// blocks.
package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
)

//go:embed static pages host
var files embed.FS

//go:embed all:dist
var dist embed.FS

// ErrNotBuilt says that dist holds no program.
var ErrNotBuilt = errors.New("the WebAssembly program is not built: run make build")

// Files of dist that have the same name in every build.
const (
	BuildFile = "build.json"   // describes the program
	ExecFile  = "wasm_exec.js" // the compiler's script that starts it
)

// Build describes a program in dist. Its file is there twice, compressed; who
// wants it plain unpacks the gzip one.
type Build struct {
	Wasm   string `json:"wasm"`   // app-{hash}.wasm; the files are this name and .br and .gz
	Length int    `json:"length"` // of the plain program, in bytes
	Brotli int    `json:"brotli"` // of the .br file, in bytes
	Level  int    `json:"level"`  // of the brotli compression, 0 to 11
}

// wasmName is a program whose name tells its content.
var wasmName = regexp.MustCompile(`^app-[0-9a-f]{16}\.wasm$`)

// ReadBuild describes the program in dist, a folder as package wasmbuild leaves
// it. It gives [ErrNotBuilt] if there is none.
func ReadBuild(dist fs.FS) (Build, error) {
	raw, err := fs.ReadFile(dist, BuildFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Build{}, ErrNotBuilt
	}
	if err != nil {
		return Build{}, err
	}
	var b Build
	if err := json.Unmarshal(raw, &b); err != nil {
		return Build{}, fmt.Errorf("%s: %w", BuildFile, err)
	}
	if !wasmName.MatchString(b.Wasm) || b.Length <= 0 {
		return Build{}, fmt.Errorf("%s names no program: build it again", BuildFile)
	}
	return b, nil
}

// Dist is the folder of the program that this module was embedded with.
func Dist() fs.FS { return sub("dist") }

// Static is the folder of icons and scripts.
func Static() fs.FS { return sub("static") }

// Pages is the folder of html/template files.
func Pages() fs.FS { return sub("pages") }

// Host is the folder of the demo host pages, somebody else's site: html/template
// files, a style sheet and scripts.
func Host() fs.FS { return sub("host") }

// Style is the style sheet of every page.
func Style() []byte {
	// The names begin with their place in the sheet, and ReadDir sorts.
	sheets, err := files.ReadDir("static/css")
	if err != nil {
		panic(err) // it is embedded
	}
	var all bytes.Buffer
	for _, s := range sheets {
		b, err := files.ReadFile(path.Join("static/css", s.Name()))
		if err != nil {
			panic(err)
		}
		all.Write(b)
	}
	return all.Bytes()
}

func sub(dir string) fs.FS {
	var from fs.FS = files
	if dir == "dist" {
		from = dist
	}
	f, err := fs.Sub(from, dir)
	if err != nil {
		panic(err) // the name is ours
	}
	return f
}
