package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"partline.dev/server/page"
)

// devPoll is how often the status file is looked at.
const devPoll = 300 * time.Millisecond

// maxDevStatus bounds what is read of the status file, in bytes.
const maxDevStatus = 1 << 20

// devStatus is what the development loop writes to Options.DevStatus.
type devStatus struct {
	Build string `json:"build"` // of the program that runs
	Error string `json:"error"` // what the compiler says of the next; empty: nothing
}

// devEvents tells open pages of builds.
type devEvents struct {
	path    string
	closing sync.Once
	stop    chan struct{} // closed by closing
	done    sync.WaitGroup

	mu      sync.Mutex // Protects following.
	status  devStatus
	changed chan struct{} // closed at the next change of status
}

// watchDevStatus watches the file at path until close. Without a path there is
// one build and it never changes.
func watchDevStatus(path string) *devEvents {
	d := &devEvents{path: path, stop: make(chan struct{}), changed: make(chan struct{})}
	if path == "" {
		return d
	}
	d.look()
	d.done.Go(d.watch)
	return d
}

func (d *devEvents) watch() {
	tick := time.NewTicker(devPoll)
	defer tick.Stop()
	for {
		select {
		case <-d.stop:
			return
		case <-tick.C:
			d.look()
		}
	}
}

// look reads the file. What cannot be read is looked at again next time.
func (d *devEvents) look() {
	info, err := os.Stat(d.path)
	if err != nil || info.Size() > maxDevStatus {
		return
	}
	content, err := os.ReadFile(d.path)
	if err != nil {
		return
	}
	var status devStatus
	if json.Unmarshal(content, &status) != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if status != d.status {
		d.status = status
		close(d.changed)
		d.changed = make(chan struct{})
	}
}

// now is the status and a channel that is closed when it changes.
func (d *devEvents) now() (devStatus, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status, d.changed
}

// close ends the watch and every stream.
func (d *devEvents) close() {
	d.closing.Do(func() { close(d.stop) })
	d.done.Wait()
}

// serveEvents streams the status: once now, then at each change.
func (d *devEvents) serveEvents(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	page.Common(h)
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	flush := http.NewResponseController(w)
	// The stream lasts as long as the page.
	_ = flush.SetReadDeadline(time.Time{})
	_ = flush.SetWriteDeadline(time.Time{})
	for {
		status, changed := d.now()
		content, err := json.Marshal(status)
		if err != nil {
			return // two strings
		}
		// JSON has no line break, so one line is the event.
		if _, err := fmt.Fprintf(w, "retry: 500\ndata: %s\n\n", content); err != nil {
			return
		}
		if flush.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-d.stop:
			return
		}
	}
}

// serveReloadScript serves the script that listens, for a page of this build.
func (p *pages) serveReloadScript(w http.ResponseWriter, _ *http.Request) {
	status, _ := p.dev.now()
	build, err := json.Marshal(status.Build)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	p.serveScript(w, page.FilePolicy, "dev.js", `"{{.Build}}"`, string(build), "{{.Base}}", p.base)
}
