package server

import (
	"fmt"
	"html/template"
	"io/fs"
	"os"

	"partline.dev/app/part"
	"partline.dev/web"
)

// exampleHub is where the example's hub is, and examplePath its page on the demo
// host.
const (
	exampleHub  = "/chat"
	examplePath = "/signalr"
)

// example is a page of the kind that people bring along: a chat whose script is
// the npm client @microsoft/signalr, unmodified, and knows an address of ours.
type example struct {
	own    []byte // its own script
	client string // the file of the npm client
}

// example is the one that goes with the built-in hubs; nil if they are not
// served.
func (s *Server) example() *example {
	if !s.options.example {
		return nil
	}
	own, err := fs.ReadFile(web.Static(), "chat.js")
	if err != nil {
		panic(err) // it is embedded
	}
	return &example{own: own, client: s.options.DevSignalR}
}

// page is the example's page, with the first of the parts beside it.
func (e *example) page(host *template.Template, parts []part.Part) (hostPage, error) {
	page, err := host.Clone()
	if err == nil {
		page, err = page.ParseFS(web.Pages(), "chat.html")
	}
	if err != nil {
		return hostPage{}, fmt.Errorf("the example: %w", err)
	}
	return hostPage{
		Path: examplePath, Label: "SignalR chat", Title: "Peer-to-peer chat with SignalR",
		Parts: parts[:min(1, len(parts))], template: page.Lookup("host.html"), scripts: true,
	}, nil
}

// hasClient tells whether the npm client is there now: make serve may still be
// bringing it.
func (e *example) hasClient() bool {
	if e == nil || e.client == "" {
		return false
	}
	info, err := os.Stat(e.client)
	return err == nil && info.Mode().IsRegular()
}

// script is the script at path, or nil.
func (e *example) script(path string) []byte {
	switch {
	case e == nil:
	case path == "/chat.js":
		return e.own
	case path == "/signalr.js" && e.hasClient():
		content, err := os.ReadFile(e.client)
		if err == nil {
			return content
		}
	}
	return nil
}
