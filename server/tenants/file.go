package tenants

import (
	"errors"
	"log/slog"

	"partline.dev/server/fresh"
	"partline.dev/server/yamlfile"
)

// File is the book of a file as the file is now.
type File struct{ value *fresh.Value[*Book] }

// Open reads the file at path. The error is one of package os, or
// [yamlfile.Mistakes]. Log is told when the book changes, and once why it does not,
// with the mistakes.
func Open(log *slog.Logger, path string) (*File, error) {
	value, err := fresh.Read(log, func(contents [][]byte) (*Book, error) {
		book, err := Read(contents[0])
		if wrong := yamlfile.Mistakes(nil); errors.As(err, &wrong) {
			err = wrong.In(path)
		}
		return book, err
	}, path)
	if err != nil {
		return nil, err
	}
	return &File{value}, nil
}

// Now is the book of the file, some seconds behind it. It is the same book until
// the file is another.
func (f *File) Now() *Book { return f.value.Get() }
