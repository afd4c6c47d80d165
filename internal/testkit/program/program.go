// Package program is a folder as the build of the parts' program leaves it, with a
// program that runs nothing, for tests of whoever serves or renders pages.
//
//	s, err := server.New(server.Options{App: program.Built()})
//
// Nothing here has state or blocks.
package program

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"strconv"
	"strings"
	"testing/fstest"
)

// Name is the file of the program.
const Name = "app-0123456789abcdef.wasm"

// Plain is the program as it was before it was compressed.
var Plain = []byte("\x00asm" + strings.Repeat("program ", 1000))

// Built is the folder.
func Built() fs.FS {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(Plain) // into memory
	_ = w.Close()
	return fstest.MapFS{
		"build.json":   {Data: []byte(`{"wasm":"` + Name + `","length":` + strconv.Itoa(len(Plain)) + `,"brotli":6,"level":5}`)},
		Name + ".br":   {Data: []byte("brotli")},
		Name + ".gz":   {Data: packed.Bytes()},
		"wasm_exec.js": {Data: []byte("// starts a program")},
	}
}
