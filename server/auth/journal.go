package auth

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
)

// A journal is a file to which lines are appended, so that they are there after a
// restart. Each line begins with a checksum of the rest: a line that was damaged, or
// was cut by a power failure, is passed over and told of. Whoever has the journal
// guards it by a mutex.
type journal struct {
	log  *slog.Logger
	path string // empty: nothing is kept
	file *os.File
	cut  bool // the last line may lack its end
	size int  // lines in the file
}

// maxLine is the longest line, in bytes: two names, each letter of them escaped.
const maxLine = 4 << 10

// sumSize is the length of a checksum and the space behind it.
const sumSize = 9

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func line(text []byte) []byte {
	return fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(text, castagnoli), text)
}

// parseLine is what line was given.
func parseLine(b []byte) (text []byte, ok bool) {
	if len(b) < sumSize {
		return nil, false
	}
	text = b[sumSize:]
	return text, string(line(text)) == string(b)+"\n"
}

// readLines gives each sound line of r to take, which says whether it knows it, and
// counts the others. Of these first is the number of the first.
func readLines(r io.Reader, take func(text []byte) bool) (damaged, first int, err error) {
	b := bufio.NewReaderSize(r, maxLine)
	for n := 1; ; n++ {
		content, err := b.ReadSlice('\n')
		whole := err == nil
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = b.ReadSlice('\n')
		}
		if err != nil && err != io.EOF {
			return damaged, first, err
		}
		if len(content) == 0 && err == io.EOF {
			return damaged, first, nil
		}
		sound := false
		if whole {
			text, ok := parseLine(content[:len(content)-1])
			sound = ok && take(text)
		}
		if !sound && string(content) != "\n" { // an empty line ends one that was cut
			damaged++
			if first == 0 {
				first = n
			}
		}
	}
}

// openJournal reads the file at path, which need not be there. Damaged lines are
// told of and passed over. It must be rewritten before it is appended to.
func openJournal(log *slog.Logger, path string, take func(text []byte) bool) (*journal, error) {
	j := &journal{log: log, path: path}
	if path == "" {
		return j, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	damaged, first, err := readLines(f, take)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if damaged > 0 {
		log.Error("passed over damaged lines", "file", path, "lines", damaged, "first", first)
	}
	return j, nil
}

// append adds a line. Lasting: it is on the disk when append returns.
func (j *journal) append(text []byte, lasting bool) error {
	if j.path == "" {
		return nil
	}
	if j.file == nil {
		return fs.ErrClosed
	}
	b := line(text)
	if j.cut {
		b = append([]byte("\n"), b...)
	}
	if _, err := j.file.Write(b); err != nil {
		j.cut = true
		return err
	}
	j.cut = false
	j.size++
	if lasting {
		return j.file.Sync()
	}
	return nil
}

// grown tells whether the file has many more lines than are good.
func (j *journal) grown(good int) bool {
	return j.path != "" && j.size > 2*good+1_000
}

// rewrite puts lines in the place of what the file has, wholly or not at all, and
// on the disk.
func (j *journal) rewrite(lines iter.Seq[[]byte]) error {
	if j.path == "" {
		return nil
	}
	j.size = 0                                                                    // if it fails it is not tried again at each line
	f, err := os.CreateTemp(filepath.Dir(j.path), filepath.Base(j.path)+".new-*") // with mode 0600
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	size := 0
	for text := range lines {
		_, _ = w.Write(line(text)) // Flush tells
		size++
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := j.close(); err != nil { // Windows replaces no file that is open
		j.log.Warn("a file did not close well", "file", j.path, "error", err)
	}
	if err := os.Rename(f.Name(), j.path); err != nil {
		return errors.Join(err, os.Remove(f.Name()), j.open())
	}
	j.size, j.cut = size, false
	return errors.Join(syncDir(filepath.Dir(j.path)), j.open())
}

// open opens the file to append to it.
func (j *journal) open() (err error) {
	j.file, err = os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	return err
}

// close ends the journal.
func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}

// syncDir makes a new name in dir last. On Windows a folder cannot be synced.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
