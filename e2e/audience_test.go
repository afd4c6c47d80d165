package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// Who hears a part, and as whom one speaks there, as a person sees and changes it.

// What a part says of who hears it.
const (
	saysPage     = "the parts on this page only"
	saysSession  = "all your tabs on this site"
	saysEveryone = "everybody here"
)

// hearers is the box with those who hear the part.
func (p *connectedPart) hearers() *chromium.Element {
	p.t.Helper()
	return p.Find("combobox", "Heard by")
}

// waitHearers waits until the part says that they hear it.
func (p *connectedPart) waitHearers(words string) {
	p.t.Helper()
	p.Wait("the words "+words, `document.querySelector(".hearers select")?.selectedOptions[0].text === `+quote(words))
}

// waitAloud waits until the part has told screen readers.
func (p *connectedPart) waitAloud(words string) {
	p.t.Helper()
	p.Wait("to be told "+words, `[...document.querySelectorAll("[role=status]")].some(e => e.textContent.includes(`+quote(words)+`))`)
}

// oneTenant is a server with one tenant, and a site that may show its parts.
type oneTenant struct {
	*partline.Server

	host, keys string
	pages      map[string]string
}

// startTenant starts it: the lines are in its file.
func startTenant(t *testing.T, lines ...string) *oneTenant {
	t.Helper()
	dir, pages := t.TempDir(), map[string]string{}
	o := &oneTenant{host: site(t, pages), keys: filepath.Join(dir, "keys"), pages: pages}
	file := filepath.Join(dir, "tenants.yaml")
	content := "tenants:\n  contoso:\n    hosts: [" + o.host + "]\n    " + strings.Join(lines, "\n    ") + "\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Server = partline.Start(t, binary, "--tenants", file, "--keys", o.keys, "--log-level", "debug")
	return o
}

// show is the address of a page of the site with a part, of the title and at path.
func (o *oneTenant) show(title, path string) string {
	at := fmt.Sprint("/", len(o.pages))
	o.pages[at] = `<!doctype html><title>Host</title><iframe width=400 height=400 title="` + title + `" src="` + o.URL + path + `"></iframe>`
	return o.host + at
}

func TestAudience_isSaidInWords(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	b := chromium.Start(t, nil)
	for path, words := range map[string]string{"/": saysPage, everyonePage: saysEveryone} {
		page := b.Open(s.HostURL + path)
		for _, title := range []string{titleOne, titleTwo} {
			framed(t, page, title, 0).waitHearers(words)
		}
	}
	page := b.Open(s.HostURL + "/scopes")
	page.Size(1400, 1000) // a browser leaves alone what nobody sees
	for scope, words := range map[string]string{"page": saysPage, "session": saysSession, "tenant": saysEveryone} {
		p := framed(t, page, titleOne+": "+scope, 0)
		p.waitHearers(words)
		p.say("to " + scope)
		p.expect(speaksOne + ": to " + scope)
	}
}

// A reader chooses others, by keys alone, and is told; and only those hear.
func TestAudience_isChangedByKeysAlone(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	b := chromium.Start(t, nil)
	page, other := b.Open(s.HostURL), b.Open(s.HostURL+everyonePage)
	one, two, far := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0), framed(t, other, titleOne, 0)
	one.say("for this page")
	one.expect(speaksOne + ": for this page")
	two.expect(speaksOne + ": for this page")

	page.Front()
	one.tabTo("combobox", "Heard by")
	const most = 10 // choices
	for range most {
		if one.hearers().Value() == "tenant" {
			break
		}
		page.Press(kb.ArrowDown)
	}
	one.waitAloud("Now heard by everybody here.")
	one.waitHearers(saysEveryone)
	if !one.hearers().Focused() {
		t.Error("who has chosen is left without a focus")
	}
	one.say("for everybody")
	far.expect(speaksOne + ": for everybody")
	one.expect(speaksOne+": for this page", speaksOne+": for everybody")
	two.say("still on this page")
	two.expect(speaksOne+": for this page", speaksTwo+": still on this page")
	far.say("and back")
	one.expect(speaksOne+": for this page", speaksOne+": for everybody", speaksOne+": and back")
}

// Where guests have to say a name, the part asks for it in itself, and takes no
// focus for that.
func TestAudience_nameIsAskedFor(t *testing.T) {
	t.Parallel()
	page := chromium.Start(t, nil).Open(startTenant(t, "guests: named").show(titleOne, "/parts/one"))
	p := &connectedPart{page.Inside(titleOne, 0), t}
	p.Find("textbox", "Your name")
	p.waitAloud("Say a name to take part.")
	if chromium.Eval[bool](p.Frame, `document.hasFocus()`) {
		t.Error("the part took the focus from its host page")
	}
	axe(t, p.Frame, "a part that asks for a name")

	p.Find("textbox", "Your name").Type("A\u202enn")
	p.Press(kb.Enter)
	p.problem("characters that nobody can see")
	axe(t, p.Frame, "a part that does not take a name")
	p.Run(`document.querySelector("#nickname").value = ""`)
	p.Find("textbox", "Your name").Type("Ann")
	p.Press(kb.Enter)
	p.waitStatus("Connected")
	p.Wait("the name", `document.querySelector(".nickname-you").textContent === "You are Ann (guest)"`)
	p.say("good morning")
	p.expect("Ann (guest) · " + speaksOne + ": good morning")
	axe(t, p.Frame, "a part with a line of a guest")

	p.Find("button", "Change name").Click()
	if !p.Find("textbox", "Your name").Focused() {
		t.Error("who asks for the box is not led to it")
	}
	p.Press("Eve" + kb.Enter)
	p.waitAloud("You are now called \u2068Eve\u2069.")
	p.say("good evening")
	p.expect("Ann (guest) · "+speaksOne+": good morning", "Eve (guest) · "+speaksOne+": good evening")

	page.Reload()
	p = framed(t, page, titleOne, 0)
	p.Wait("the name", `document.querySelector(".nickname-you").textContent === "You are Eve (guest)"`)
}

// Where one may only listen, the part says so and takes no text.
func TestAudience_onlyListens(t *testing.T) {
	t.Parallel()
	o := startTenant(t, "guests: anybody", "speak: {tenant: [editor]}")
	p := framed(t, chromium.Start(t, nil).Open(o.show(titleOne, "/parts/one"+forEveryone)), titleOne, 0)
	p.waitHearers(saysEveryone + " (you can only listen)")
	p.Wait("the reason", `document.querySelector("#message").disabled && document.querySelector("#message-send").disabled
		&& document.querySelector("#message-closed").textContent.includes("you can only listen")`)
	axe(t, p.Frame, "a part that only listens")
	p.Run(`const who = document.querySelector("#hearers"); who.value = "page"; who.dispatchEvent(new Event("change", {bubbles: true}))`)
	p.waitHearers(saysPage)
	p.say("to my page")
	p.expect(speaksOne + ": to my page")
}

// What is sent too fast is refused beside the box, and kept there.
func TestAudience_tooFast(t *testing.T) {
	t.Parallel()
	o := startTenant(t, "guests: anybody", "limits: {user: {messages: 2}}")
	p := framed(t, chromium.Start(t, nil).Open(o.show(titleOne, "/parts/one")), titleOne, 0)
	p.Run(`window.kept = setInterval(() => {
		if (document.querySelector(".composer [role=alert]").textContent) { clearInterval(kept); return }
		document.querySelector("#message").value = "again"
		document.querySelector("#message-send").click()
	}, 10)`)
	p.problem("You are sending too fast. Wait a moment. Your text is still here")
	if got := p.box().Value(); got != "again" {
		t.Errorf("the box holds %q", got)
	}
}

// Whom the server knows is told from whoever takes the same name; and whose ticket was
// used reads what to do.
func TestAudience_authors(t *testing.T) {
	t.Parallel()
	o := startTenant(t, "guests: anybody", "icons: [https://127.0.0.1:1]")
	out, problem, ok := output(t, "ticket", "--keys", o.keys, "--tenant", "contoso", "--user", "ann", "--name", "Ann",
		"--icon", "https://127.0.0.1:1/ann.png", "--scope", "tenant")
	if !ok {
		t.Fatal(problem)
	}
	b := chromium.Start(t, nil)
	address := o.show(titleOne, "/parts/one"+forEveryone+"#ticket="+strings.TrimSpace(out))
	ann := framed(t, b.Open(address), titleOne, 0)
	other := framed(t, b.Open(o.show(titleTwo, "/parts/two"+forEveryone+"&name=Ann")), titleTwo, 0)
	ann.Wait("the name", `document.querySelector(".nickname-you").textContent === "You are Ann"`)

	ann.say("it is me")
	other.expect("Ann · " + speaksOne + ": it is me")
	other.say("no, me")
	lines := []string{"Ann · " + speaksOne + ": it is me", "Ann: no, me"}
	for _, p := range []*connectedPart{ann, other} {
		p.expect(lines...)
		known := chromium.Eval[[]string](p.Frame, `[...document.querySelectorAll("[role=log] li")].map(l => l.querySelector("strong").title + (l.querySelector(".face") ? " with a face" : ""))`)
		if known[0] != "ann with a face" || known[1] != "" {
			t.Errorf("the authors are %q", known)
		}
		if !chromium.Eval[bool](p.Frame, `[...document.querySelectorAll(".face img")].every(i => i.hidden && i.alt === "" && i.referrerPolicy === "no-referrer")`) {
			t.Error("a picture that does not come is shown")
		}
		axe(t, p.Frame, "a part with a line of a user")
	}

	late := &connectedPart{chromium.Start(t, nil).Open(address).Inside(titleOne, 0), t}
	late.waitAloud("This link has been used already. Load the page again, or ask for a new link.")
	late.Find("button", "Load again")
	axe(t, late.Frame, "a part with a spent ticket")
}

func TestAudience_axe(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	b := chromium.Start(t, nil)
	for _, width := range []int{320, 1200} {
		for _, lang := range []string{"en", "ar"} {
			for _, colours := range []string{"light", "dark", "forced"} {
				page := b.Open(fmt.Sprintf("%s/parts/one?lang=%s", s.URL, lang))
				page.Size(width, 500)
				if colours == "forced" {
					page.ForcedColors()
				} else {
					page.ColorScheme(colours)
				}
				page.Wait("who hears", `document.querySelector("#hearers")?.disabled === false`)
				page.Run(`document.querySelector(".nickname-change").click()`)
				page.Wait("the box for a name", `document.querySelector("#nickname") !== null`)
				axe(t, page.Frame, fmt.Sprintf("who hears and who speaks, %d pixels, %s, %s", width, lang, colours))
				if got := chromium.Eval[int](page.Frame, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%s, %s: the part is %d pixels wide, not %d", lang, colours, got, width)
				}
				page.Close()
			}
		}
	}
}
