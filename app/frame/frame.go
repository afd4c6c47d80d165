// Package frame is a part's knowledge of the page that shows it. Parts of one server
// find each other in a page of whoever's, without a script there, and agree on an id
// of the page and one of the session: which parts belong together, and nobody else
// can know.
//
//	p := frame.Open()
//	page, session := p.IDs()
//	p.OnChange(func() { /* ask IDs again */ })
//	defer p.Close()
//
// The page's id is new whenever the page is loaded. Parts that load late take the
// one that is there; of two groups of parts that meet, those with the younger id
// change theirs. A part that is the whole window is a page of its own. The session
// is a browser under one host site, in all its tabs; where the browser refuses to
// keep anything the session is the page.
//
// In the browser it works with the script frame.js, which the page loads before the
// program, and which lets nothing through but what other parts of the same page and
// origin say. Elsewhere there is no page, and an id is one that nobody else has.
//
// Besides, there is what the browser keeps for the parts: [Browser] and [Tab], and
// [Rewrite] for the address.
//
// Concurrency: everything may be used from any goroutine. Functions given to
// OnChange run one after the other, and must not block. Nothing blocks.
package frame

import "sync"

// keySession is where the session's id is kept.
const keySession = "partline-session"

// Page is the page that shows a part, as this part knows it.
type Page struct {
	mu        sync.Mutex // protects following
	agreement agreement
	changed   []func()
	closed    bool

	telling sync.Mutex // held while the functions of changed run

	window window
}

// Open looks for the other parts of the page, and begins to listen to them.
func Open() *Page {
	p := &Page{}
	p.window.open(p)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.agreement = agreement{mail: &p.window, kept: sessionID{}}
	own, spare := p.window.newIDs()
	p.agreement.begin(own, spare)
	return p
}

// IDs are the ids of the page and of the session as they are now: 22 characters
// each, of base64 with the URL alphabet. Whoever knows one belongs to it, so they
// go to the hub and nowhere else.
func (p *Page) IDs() (page, session string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.agreement.claim.page, p.agreement.session
}

// OnChange has f called after each change of the ids, and when another part has
// changed what [Browser] keeps.
func (p *Page) OnChange(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed = append(p.changed, f)
}

// Close ends the listening. The ids stay what they are. It may be called more than
// once.
func (p *Page) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		p.window.close()
	}
}

// hear takes what another part said.
func (p *Page) hear(m message, from any) {
	p.mu.Lock()
	before := p.agreement
	p.agreement.hear(m, from)
	changed := before.claim != p.agreement.claim || before.session != p.agreement.session
	p.mu.Unlock()
	if changed {
		p.tell()
	}
}

// stored takes the news that another part has changed what the browser keeps.
func (p *Page) stored() {
	p.mu.Lock()
	p.agreement.lookUp()
	p.mu.Unlock()
	p.tell()
}

func (p *Page) tell() {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.mu.Lock()
	changed := p.changed
	p.mu.Unlock()
	for _, f := range changed {
		f()
	}
}

// sessionID is the session's id in the browser.
type sessionID struct{}

func (sessionID) read() (id string, ok bool) {
	if Browser.Refused() {
		return "", false
	}
	return Browser.Get(keySession), true
}

func (sessionID) write(id string) { Browser.Set(keySession, id) }
