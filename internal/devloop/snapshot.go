package devloop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Snapshot is what the watched files looked like at one moment: enough to see
// that one was written since.
type Snapshot map[string]Stamp

// Stamp is what changes when a file is written.
type Stamp struct {
	Changed time.Time
	Size    int64
}

// watched are the kinds of files that a build is made of.
var watched = []string{".go", ".mod", ".sum", ".work", ".css", ".html", ".js", ".json", ".svg", ".png", ".webmanifest", ".txt"}

// skipped are folders that hold no source, or what a build leaves behind.
var skipped = []string{"dist", "node_modules", "testdata"}

// Look takes a snapshot of the source in the folders of root. Tests are not
// part of a build, so a change to one is not a change.
func Look(root string, folders ...string) (Snapshot, error) {
	s := Snapshot{}
	err := walk(root, folders, func(path string, entry fs.DirEntry) error {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed since the folder was read
		}
		if err == nil {
			s[path] = Stamp{info.ModTime(), info.Size()}
		}
		return err
	})
	return s, err
}

// Hash is a digest of the same files by what they hold, which is the same on
// every machine and after a checkout.
func Hash(root string, folders ...string) (string, error) {
	h := sha256.New()
	err := walk(root, folders, func(path string, _ fs.DirEntry) error {
		f, err := os.Open(filepath.Join(root, path))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer f.Close()
		fmt.Fprintf(h, "%s\x00", path)
		n, err := io.Copy(h, f)
		fmt.Fprintf(h, "\x00%d\x00", n)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// walk visits the watched files in the order of their names. Paths are relative
// to root.
func walk(root string, folders []string, visit func(path string, entry fs.DirEntry) error) error {
	for _, folder := range folders {
		err := fs.WalkDir(os.DirFS(root), folder, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case entry.IsDir() && path != folder && (slices.Contains(skipped, entry.Name()) || strings.HasPrefix(entry.Name(), ".")):
				return fs.SkipDir
			case entry.IsDir(), strings.HasSuffix(path, "_test.go"), !slices.Contains(watched, filepath.Ext(path)):
				return nil
			}
			return visit(path, entry)
		})
		if err != nil {
			return fmt.Errorf("look at the source: %w", err)
		}
	}
	return nil
}

// Difference names up to three of the files in which s differs from before.
func (s Snapshot) Difference(before Snapshot) string {
	var names []string
	for path, stamp := range s {
		if before[path] != stamp {
			names = append(names, path)
		}
	}
	for path := range before {
		if _, ok := s[path]; !ok {
			names = append(names, path+" (removed)")
		}
	}
	slices.Sort(names)
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
