package server

import (
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"partline.dev/app/part"
	"partline.dev/shared/contract"
	"partline.dev/web"
)

// example is a page of the kind that people bring along: its script calls the
// unmodified npm clients, and knows an address of ours.
type example struct {
	path  string // on the demo host
	label string // in the list of pages; empty: it is shown in a frame of another
	title string
	page  string // its template

	hub       string    // the path of its hub
	script    string    // its own; empty: it has none
	libraries []library // whose scripts go before its own
	classic   bool      // before its own goes also the script that the hub makes of itself
	speaker   string    // who writes there; empty: a name that the script makes up

	parts  int        // how many parts of ours are beside it, for everyone
	frames []*example // what it shows in frames
}

// library is an npm client: the path of its script on the demo host, and of its
// file in the folder of npm packages.
type library struct{ Package, Licence, Path, file string }

var (
	coreClient = []library{
		{"@microsoft/signalr", "which is Microsoft's, under the MIT licence", "/npm/signalr.js", "@microsoft/signalr/dist/browser/signalr.min.js"},
	}
	classicClient = []library{
		{"jquery", "which is the OpenJS Foundation's, under the MIT licence", "/npm/jquery.js", "jquery/dist/jquery.min.js"},
		{"signalr", "which is Microsoft's, under the Apache licence", "/npm/jquery.signalR.js", "signalr/jquery.signalR.min.js"},
	}
)

// Where the hubs of the examples are. Each of the three that classic pages know
// as chatHub is the only one of its application, as it was where it comes from.
const (
	connectedHub    = "/signalr"
	mvcChatHub      = "/mvc/signalr"
	peerChatHub     = "/peer/signalr"
	peerChatCoreHub = "/chat"
)

// sharedScripts are the modules that scripts of examples are made of.
var sharedScripts = []string{"chat.js", "classic.js"}

var examples = []*example{
	{
		path: "/signalr", label: "SignalR chat", title: "Peer-to-peer chat with SignalR", page: "signalr.html",
		hub: peerChatCoreHub, script: "signalr.js", libraries: coreClient, parts: 1,
	},
	{
		path: "/signalr2/peer", label: "SignalR 2 chat", title: "Peer-to-peer chat with SignalR 2", page: "peerchat.html",
		hub: peerChatHub, script: "peerchat.js", libraries: classicClient, classic: true, parts: 1,
	},
	{
		path: "/signalr2/mvc", label: "SignalR 2 MVC chat", title: "MVC chat with SignalR 2", page: "mvcchat.html",
		hub: mvcChatHub, script: "mvcchat.js", libraries: classicClient, classic: true, parts: 1,
	},
	{
		path: "/signalr2/parts", label: "SignalR 2 parts", title: "Connected parts with SignalR 2", page: "parts.html",
		hub: connectedHub, parts: 1, frames: []*example{connectedPart("one", "One"), connectedPart("two", "Two")},
	},
}

func connectedPart(name, number string) *example {
	return &example{
		path: "/signalr2/parts/" + name, title: "Connected Part - " + number + ", with jQuery", page: "frame.html",
		hub: connectedHub, script: "parts.js", libraries: classicClient, classic: true, speaker: "jQuery Part " + number,
	}
}

// examples are those that go with the built-in hubs; nil if they are not served.
func (s *Server) examples() []*example {
	if !s.options.examples {
		return nil
	}
	return examples
}

// exampleView is an example as its template is given it.
type exampleView struct {
	Hub       string // its address
	Script    string // the path of its own script; empty: it has none
	Libraries []library
	Generated string // the address of the script that its hub makes of itself; empty: it needs none
	Missing   string // the npm clients that are not there
	Speaker   string
}

// view is e for a request; nil if there is none. The npm clients are looked for at
// each: make serve may still be bringing them.
func (d *devHost) view(e *example) *exampleView {
	if e == nil {
		return nil
	}
	v := &exampleView{Hub: d.partsSite + e.hub, Libraries: e.libraries, Speaker: e.speaker}
	if e.script != "" {
		v.Script = "/" + e.script
	}
	if e.classic {
		v.Generated = v.Hub + "/hubs"
	}
	if slices.ContainsFunc(e.libraries, func(l library) bool { return !d.has(l) }) {
		var missing []string
		for _, l := range e.libraries {
			missing = append(missing, l.Package)
		}
		v.Missing = strings.Join(missing, " with ")
	}
	return v
}

// addExample adds e's page, the files that it needs, and what it shows in frames.
func (d *devHost) addExample(e *example, parts []part.Part) error {
	page, err := template.ParseFS(web.Host(), "host.html", "chat.html", e.page)
	if err != nil {
		return err
	}
	if page = page.Lookup("host.html"); e.label == "" {
		page = page.Lookup(e.page)
	}
	own := &hostPage{
		Path: e.path, Label: e.label, Title: e.title, Parts: inScope(contract.ScopeTenant, parts[:min(e.parts, len(parts))]...),
		example: e, template: page,
	}
	if e.script != "" {
		for _, name := range append(slices.Clone(sharedScripts), e.script) {
			if err := d.read(name); err != nil {
				return err
			}
		}
	}
	for _, framed := range e.frames {
		if err := d.addExample(framed, parts); err != nil {
			return err
		}
		own.Frames = append(own.Frames, d.pages[len(d.pages)-1])
	}
	d.pages = append(d.pages, own)
	return nil
}

// clientFile is where the file of an npm client should be.
func (d *devHost) clientFile(l library) string {
	return filepath.Join(d.npm, filepath.FromSlash(l.file))
}

func (d *devHost) has(l library) bool {
	if d.npm == "" {
		return false
	}
	info, err := os.Stat(d.clientFile(l))
	return err == nil && info.Mode().IsRegular()
}

// file is the file at path, or nil.
func (d *devHost) file(path string) []byte {
	if content := d.files[path]; content != nil {
		return content
	}
	for _, p := range d.pages {
		if p.example == nil {
			continue
		}
		for _, l := range p.example.libraries {
			if l.Path == path && d.has(l) {
				if content, err := os.ReadFile(d.clientFile(l)); err == nil {
					return content
				}
			}
		}
	}
	return nil
}
