// Package declared reads hubs from a file, so that a page gets its hub without
// any Go: the file names a hub, its methods with their arguments, and what each of
// them does. What comes of it is a [hub.Mux] like any other.
//
//	hubs:
//	  chatHub:
//	    at: /mvc/signalr
//	    methods:
//	      Send:
//	        arguments: [name, message]
//	        publish: addNewMessageToPage
//	        to: all
//
// The document docs/declared-hubs.md says what else can stand there.
//
// Every mistake in the file is found at once and named by its line, see
// [yamlfile.Mistakes]. The file is YAML of one document of at most 1 MiB, without
// anchors, aliases and tags, so that reading it costs no more than its length.
//
// Concurrency: a hub keeps no state but what package hub keeps of any, groups
// among it, with the limits that hold for any. Actions of one call run in the order
// in which they stand; the first that fails ends the call, and what was done before
// it stays done. Nothing here blocks but reading the file.
package declared

import (
	"errors"
	"io"
	"os"

	"partline.dev/server/hub"
	"partline.dev/server/yamlfile"
	"partline.dev/shared/contract"
)

// Bounds of a file. More of anything is a mistake.
const (
	MaxHubs      = 100  // hubs
	MaxAddresses = 16   // addresses of a hub, besides the one that comes with its name
	MaxMethods   = 1000 // methods of a hub, each overload for itself
	MaxActions   = 64   // actions of a method
)

// Hub is one hub of a file.
type Hub struct {
	// Mux is the hub, ready to be mounted, once.
	Mux *hub.Mux

	// Addresses are those that the file gives it, besides /hubs/{name}. Two hubs
	// may share one, if pages know them by different names.
	Addresses []string

	// Shared tells that the hub is to be at Options.Shared too: the file gives it
	// no address, or that one.
	Shared bool
}

// Options says what the file cannot know. Nil and the zero value are for a file
// that stands alone.
type Options struct {
	// Shared is the address of all hubs together, as /signalr. Empty: there is
	// none.
	Shared string

	// Existing are the hubs that are there without the file.
	Existing []Existing

	// Reserved tells whether the client of jQuery pages has the name of h for
	// something else. Nil: no name.
	Reserved func(h *contract.Hub) bool

	// CheckAddress says why nothing can be mounted at a path. Nil: any path will
	// do.
	CheckAddress func(path string) error

	// CheckPair says why no hub can be at a path while another is at other. It is
	// asked both ways round. Nil: any two will do.
	CheckPair func(path, other string) error
}

// Existing is a hub that is there without the file. At Options.Shared one of the
// file takes its place, if pages know both by one name.
type Existing struct {
	Name      string
	Addresses []string // its own, that no other hub can have
}

// Read returns the hubs of the file at path. The error is one of package os, or
// [yamlfile.Mistakes] that name the file as path does.
func Read(path string, o *Options) ([]Hub, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, yamlfile.MaxFile+1))
	if err != nil {
		return nil, err
	}
	hubs, err := Parse(text, o)
	if wrong := yamlfile.Mistakes(nil); errors.As(err, &wrong) {
		err = wrong.In(path)
	}
	return hubs, err
}

// Parse returns the hubs of a file that holds text. The error is [yamlfile.Mistakes].
func Parse(text []byte, o *Options) ([]Hub, error) {
	if o == nil {
		o = &Options{}
	}
	r := &reader{options: o, places: newPlaces(o)}
	root := r.Document(text, "hubs")
	if root == nil {
		return nil, r.Mistakes()
	}
	hubs := r.file(root)
	if wrong := r.Mistakes(); wrong != nil {
		return nil, wrong
	}
	return hubs, nil
}
