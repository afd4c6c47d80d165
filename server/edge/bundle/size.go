package bundle

import (
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Limit is how many bytes the code of one Worker may have, compressed: the 3 MB of
// Cloudflare's free plan, taken as 3 * 1024 * 1024.
const Limit = 3 << 20

// ErrTooLarge says that a Worker is over the limit.
var ErrTooLarge = errors.New("too large to be deployed")

// Worker is the code of one Worker.
type Worker struct {
	Name    string   // gateway or room
	Modules []Module // all that is uploaded, the largest first
}

// Module is one file of a Worker's code.
type Module struct {
	Name       string
	Bytes      int
	Compressed int // by gzip -9, in bytes
}

// Compressed is the size that is limited, in bytes: the sum of the modules, each by
// gzip -9. What is uploaded is compressed as one, and so is a little smaller.
func (w *Worker) Compressed() int {
	sum := 0
	for _, m := range w.Modules {
		sum += m.Compressed
	}
	return sum
}

// Check gives [ErrTooLarge] if a Worker has more than limit bytes, naming each and
// its largest module.
func (b *Built) Check(limit int) error {
	var errs []error
	for _, w := range b.Workers {
		if size := w.Compressed(); size > limit {
			errs = append(errs, fmt.Errorf("the Worker %s has %s bytes compressed, %s over the limit of %s; %s has %s of them: %w",
				w.Name, grouped(size), grouped(size-limit), grouped(limit), w.Modules[0].Name, grouped(w.Modules[0].Compressed), ErrTooLarge))
		}
	}
	return errors.Join(errs...)
}

// Print writes the sizes as a table, beside the limit of each Worker.
func (b *Built) Print(w io.Writer, limit int) {
	const line = "%-24s %12s %12s %8s\n"
	fmt.Fprintf(w, line, "module", "bytes", "gzip -9", "of limit")
	sum := 0
	for _, one := range b.Workers {
		for _, m := range one.Modules {
			fmt.Fprintf(w, line, one.Name+"/"+m.Name, grouped(m.Bytes), grouped(m.Compressed), "")
		}
		size := one.Compressed()
		sum += size
		fmt.Fprintf(w, line, "the Worker "+one.Name, "", grouped(size), fmt.Sprintf("%.1f %%", 100*float64(size)/float64(limit)))
	}
	fmt.Fprintf(w, line, "both", "", grouped(sum), "")
	fmt.Fprintf(w, "the limit of each Worker, compressed: %s bytes; 3 MB is taken as 3 * 1024 * 1024\nversion %s\n", grouped(limit), b.Version)
}

// measure is what the modules in dir weigh.
func measure(name, dir string) (*Worker, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	w := &Worker{Name: name}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		w.Modules = append(w.Modules, Module{Name: e.Name(), Bytes: len(content), Compressed: compressed(content)})
	}
	slices.SortFunc(w.Modules, func(a, b Module) int { return cmp.Compare(b.Compressed, a.Compressed) })
	return w, nil
}

// compressed is how many bytes content has after gzip -9.
func compressed(content []byte) int {
	var n counter
	z, err := gzip.NewWriterLevel(&n, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is gzip's own
	}
	_, _ = z.Write(content) // counting does not fail
	_ = z.Close()
	return int(n)
}

type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// grouped is n with a comma before each group of three digits.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}
