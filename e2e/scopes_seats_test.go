package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
	client "partline.dev/wasmclient"
)

// seat is somebody who speaks and hears: what is known of them, by which alone a
// test says whom they hear, and the program or part itself.
type seat struct {
	label  string // in the table, and of what it says
	title  string
	tenant string
	user   string // empty: a guest
	author string // as others read it
	page   string // which load of which page; two with the same one share it
	tab    string // which browser under which site
	place  string
	may    contract.Scopes // those that it can be in; in the round of another one it is in rest
	rest   contract.Scope
	voice  voice
}

// voice is how a seat speaks and hears.
type voice interface {
	// enter brings the seat into a scope that it may be in.
	enter(s contract.Scope)

	// cannot expects that the seat may not be in the scope.
	cannot(s contract.Scope)

	// say returns when the hub has taken the text.
	say(text string)

	// until waits for the line, and returns all lines that came before it, at least
	// those that came since until was called last.
	until(line string) []string
}

// scope is where the seat is in the round of s.
func (s *seat) scope(round contract.Scope) contract.Scope {
	if s.may.Has(round) {
		return round
	}
	return s.rest
}

// room names what all share who hear each other in the round of a scope, and only
// they.
func (s *seat) room(round contract.Scope) string {
	scope := s.scope(round)
	shared := map[contract.Scope]string{
		contract.ScopePage: s.page, contract.ScopeSession: s.tab, contract.ScopeUser: s.user, contract.ScopePlace: s.place,
	}[scope]
	if scope == contract.ScopeWorld {
		return string(scope)
	}
	return strings.Join([]string{s.tenant, string(scope), shared}, "|")
}

// line is what is heard of a text that the seat says.
func (s *seat) line(text string) string { return s.author + " · " + s.label + ": " + text }

// partVoice is a part in a browser.
type partVoice struct {
	*connectedPart
	label string
}

// hearersOf are the words for a scope.
func hearersOf(s contract.Scope, place string) string {
	return map[contract.Scope]string{
		contract.ScopePage: saysPage, contract.ScopeSession: saysSession, contract.ScopeUser: "you, wherever you are signed in",
		contract.ScopePlace: "everybody in \u2068" + place + "\u2069", contract.ScopeTenant: saysEveryone, contract.ScopeWorld: "everyone everywhere",
	}[s]
}

// enter chooses as a reader does, and waits until the part says that it is so.
func (p *partVoice) enter(s contract.Scope) {
	p.t.Helper()
	place := chromium.Eval[string](p.Frame, `new URL(location.href).searchParams.get("room") ?? ""`)
	if p.hearers().Value() == string(s) {
		p.waitHearers(hearersOf(s, place))
		return
	}
	p.Run(`{ const who = document.querySelector("#hearers"); who.value = ` + quote(string(s)) + `; who.dispatchEvent(new Event("change", {bubbles: true})) }`)
	p.waitAloud("Now heard by " + hearersOf(s, place) + ".")
	p.waitHearers(hearersOf(s, place))
}

func (p *partVoice) cannot(s contract.Scope) {
	p.t.Helper()
	if chromium.Eval[bool](p.Frame, `[...document.querySelector("#hearers").options].some(o => o.value === `+quote(string(s))+`)`) {
		p.t.Errorf("%s is offered the scope %s", p.label, s)
	}
}

func (p *partVoice) say(text string) {
	p.t.Helper()
	p.Run(`new Promise((taken, refused) => {
		const box = document.querySelector("#message")
		box.value = ` + quote(text) + `
		document.querySelector("#message-send").click()
		const look = setInterval(() => {
			const problem = document.querySelector(".composer [role=alert]").textContent
			if (box.value === "" || problem) clearInterval(look)
			if (problem) refused(new Error(problem))
			if (box.value === "") taken()
		}, 10)
	})`)
}

func (p *partVoice) until(line string) []string {
	p.t.Helper()
	p.waitLine(line)
	return p.lines()
}

// snippet is a part of a page: One or Two, for a tenant's key, with a ticket unless
// that is empty.
func (l *land) snippet(s *seat, part, key, ticket string) string {
	src := fmt.Sprintf("%s/parts/%s?key=%s&amp;scope=page&amp;room=%s&amp;name=%s", l.URL, part, key, s.place, s.label)
	if ticket != "" {
		src += "#ticket=" + ticket
	}
	return fmt.Sprintf(`<iframe src="%s" title="%s" width="380" height="300"></iframe>`, src, s.label)
}

// sit gives a seat the part with its label on a page; a guest says the name.
func (s *seat) sit(t *testing.T, page *chromium.Page, nickname string) {
	t.Helper()
	if nickname != "" {
		p := &connectedPart{page.Inside(s.label, 0), t}
		p.Find("textbox", "Your name").Type(nickname)
		p.Find("button", "Use this name").Click()
	}
	p := &partVoice{framed(t, page, s.label, 0), s.label}
	known := idsOf(p.Frame)
	secret(known.Page)
	secret(known.Session)
	s.voice = p
}

// programVoice is a Go program with our client.
type programVoice struct {
	*visitor
	label string
	where access.Where
}

// visit runs a client that has a bearer token.
func (l *land) visit(s *seat, over client.Transport, token func() string, where access.Where) *programVoice {
	l.t.Helper()
	v := &visitor{t: l.t, states: make(chan client.State, 1000), heard: make(chan heardFrom, 1000)}
	v.Client = client.New(l.URL+"/hubs/connected", connected.Hub, &client.Options{
		Transports: over, RetryBase: 100 * time.Millisecond, RetryMax: time.Second,
		Token: func(context.Context) (string, error) { return token(), nil },
		Join:  func(context.Context) (access.Request, error) { return access.Request{Where: where}, nil },
	})
	v.begin()
	return &programVoice{v, s.label, where}
}

func (p *programVoice) enter(s contract.Scope) {
	p.t.Helper()
	p.where.Scope = s
	if got, err := p.Enter(p.t.Context(), p.where); err != nil || got.Scope != s {
		p.t.Fatalf("%s enters %s, and is in %s: %v", p.label, s, got.Scope, err)
	}
}

func (p *programVoice) cannot(s contract.Scope) {
	p.t.Helper()
	where := p.where
	where.Scope = s
	if _, err := p.Enter(p.t.Context(), where); errCode(err) != access.CodeScope {
		p.t.Errorf("%s asks for %s, which is answered with %v", p.label, s, err)
	}
}

func (p *programVoice) say(text string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	if _, err := client.Call(ctx, p.Client, connected.SendMethod, connected.Send{Name: p.label, Message: text}); err != nil {
		p.t.Fatalf("%s: %v", p.label, err)
	}
}

func (p *programVoice) until(line string) (lines []string) {
	p.t.Helper()
	guard := time.After(time.Minute)
	for {
		select {
		case h := <-p.heard:
			lines = append(lines, h.said.Name+": "+h.said.Message)
			if lines[len(lines)-1] == line {
				return lines
			}
		case <-guard:
			p.t.Fatalf("%s does not hear %q but %q", p.label, line, lines)
		}
	}
}

// npmVoice is the unmodified client of ASP.NET Core SignalR, in Node, with a ticket
// for each scope.
type npmVoice struct {
	*node
	t     *testing.T
	label string
	open  func(contract.Scope) *node
	heard []string
}

func (n *npmVoice) enter(s contract.Scope) {
	n.t.Helper()
	if n.node != nil {
		n.leave()
	}
	n.node, n.heard = n.open(s), nil
}

// leave ends the client, whatever it still hears.
func (n *npmVoice) leave() {
	n.t.Helper()
	n.in.Close()
	if got := n.answer(); got.State != "closed" {
		n.t.Errorf("%s leaves, and says %+v", n.label, got)
	}
	wait := n.wait
	n.wait = nil
	if err := wait(); err != nil {
		n.t.Errorf("%s ended with %v", n.label, err)
	}
}

// cannot expects that not even a ticket helps.
func (n *npmVoice) cannot(s contract.Scope) {
	n.t.Helper()
	if n.node == nil {
		n.enter(contract.ScopeTenant)
	}
	where, err := json.Marshal(map[string]any{"scope": s})
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(n.in, `{"invoke":"$enter","args":[%s]}`+"\n", where); err != nil {
		n.t.Fatal(err)
	}
	if got := n.answer(); !strings.Contains(got.Error, "["+string(access.CodeScope)+"] ") {
		n.t.Errorf("%s asks for %s, which is answered with %+v", n.label, s, got)
	}
}

func (n *npmVoice) say(text string) {
	n.t.Helper()
	n.tell("Send", n.label, text)
	if got := n.answer(); string(got.Result) != "null" {
		n.t.Fatalf("%s says %q, which is answered with %+v", n.label, text, got)
	}
}

// answer reads what the client says until it says what became of a call.
func (n *npmVoice) answer() (s said) {
	n.t.Helper()
	for n.lines.Scan() {
		s = said{}
		if err := json.Unmarshal(n.lines.Bytes(), &s); err != nil {
			n.t.Fatalf("%q: %v", n.lines.Text(), err)
		}
		if s.Event == nil {
			return s
		}
		n.heard = append(n.heard, strings.Join(s.Event, ": "))
	}
	n.t.Fatalf("%s ended: %v", n.label, n.lines.Err())
	return said{}
}

// until finds the line among those that came before the last answer: what the client
// says itself comes before.
func (n *npmVoice) until(line string) []string {
	n.t.Helper()
	lines := n.heard
	n.heard = nil
	for i, l := range lines {
		if l == line {
			n.heard = lines[i+1:]
			return lines[:i+1]
		}
	}
	n.t.Fatalf("%s does not hear %q but %q", n.label, line, lines)
	return nil
}

// classicVoice is the unmodified client of jQuery SignalR 2 in a page, with a ticket
// for each scope.
type classicVoice struct {
	*chromium.Page
	t     *testing.T
	label string
	open  func(contract.Scope) *chromium.Page
}

// openClassic opens a page of n's whose client connects over the transport with the
// token. It has the lines that it hears, and whether it was disconnected.
func (l *land) openClassic(b *chromium.Browser, n *npmSite, way landWay, token string) *chromium.Page {
	l.t.Helper()
	page := b.Open(classicPageAt(n, classicClients[0], l.URL, "kit.mjs"))
	page.Wait("the modules", `window.promise`)
	page.Run(fmt.Sprintf(`(async () => {
		const connection = $.hubConnection(%s, {useDefaultPath: false, qs: {access_token: %s}})
		Object.assign(window, connection.createHubProxies(), {lines: [], disconnected: false})
		chatHub.client.broadcastMessage = (name, message) => lines.push(name + ": " + message)
		connection.disconnected(() => { disconnected = true })
		await promise(connection.start({transport: %s}))
	})()`, quote(l.URL+"/signalr"), quote(token), quote(way.classic)))
	return page
}

func (c *classicVoice) enter(s contract.Scope) {
	c.t.Helper()
	if c.Page != nil {
		c.Close()
	}
	c.Page = c.open(s)
}

func (c *classicVoice) cannot(contract.Scope) {} // it is in what its ticket names

func (c *classicVoice) say(text string) {
	c.t.Helper()
	c.Run(fmt.Sprintf(`promise(chatHub.server.send(%s, %s)).then(() => 0)`, quote(c.label), quote(text)))
}

func (c *classicVoice) until(line string) []string {
	c.t.Helper()
	c.Wait("the line "+line, `lines.includes(`+quote(line)+`)`)
	return chromium.Eval[[]string](c.Frame, `lines`)
}
