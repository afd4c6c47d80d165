package wasmbuild

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/andybalholm/brotli"

	"partline.dev/web"
)

// writeBrotli writes the program's .br file and returns its length. At level 11
// it takes long, so it says how far it is.
func writeBrotli(ctx context.Context, o Options, b web.Build, program []byte) (int, error) {
	began := time.Now()
	fmt.Fprintf(o.Log, "compressing with brotli %d:", o.Level)
	var packed bytes.Buffer
	w := brotli.NewWriterLevel(&packed, o.Level)
	step := len(program)/10 + 1
	for i, percent := 0, 10; i < len(program); i, percent = i+step, percent+10 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if _, err := w.Write(program[i:min(i+step, len(program))]); err != nil {
			return 0, err
		}
		fmt.Fprintf(o.Log, " %d%%", percent)
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	fmt.Fprintf(o.Log, "\ncompressed in %s: %s is %s\n", seconds(began), b.Wasm, kB(packed.Len()))
	return packed.Len(), replace(filepath.Join(o.Out, b.Wasm+".br"), packed.Bytes())
}

// writeGzip writes the program for browsers that are not offered brotli: they
// accept it from https and localhost only.
func writeGzip(path string, program []byte) error {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(program); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return replace(path, packed.Bytes())
}
