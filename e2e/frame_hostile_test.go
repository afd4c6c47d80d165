package e2e_test

import (
	"fmt"
	"testing"

	"partline.dev/e2e/chromium"
)

// besieged is a page with two parts, a page of the parts' own server that is no part
// (the probe), and a page of another site (the stranger).
type besieged struct {
	*hosted
	page            *chromium.Page
	one, two        *chromium.Frame
	probe, stranger *chromium.Frame
	ids             ids
	sent            int // by the probe, since calm waited
}

const probePage = `<iframe title=Probe src="PARTS/"></iframe>`

func besiege(t *testing.T) *besieged {
	t.Helper()
	h := host(t, map[string]string{
		"/":         iframeOne + iframeTwo + probePage + `<iframe title=Stranger src="OTHER/stranger"></iframe>`,
		"/stranger": `<p>a stranger`,
	})
	page := chromium.Start(t, nil).Open(h.sites[0] + "/")
	s := &besieged{hosted: h, page: page,
		one: page.Inside(titleOne, 0), two: page.Inside(titleTwo, 0),
		probe: page.Inside("Probe", 0), stranger: page.Inside("Stranger", 0),
	}
	s.ids = agree(t, s.one, s.two)
	for _, f := range []*chromium.Frame{s.one, s.two} {
		// What the program hears, and in which second.
		f.Run(`(() => {
			window.heard = {}
			const {heard} = partlineFrame
			partlineFrame.heard = (...args) => {
				const second = Math.floor(performance.now() / 1000)
				window.heard[second] = (window.heard[second] ?? 0) + 1
				return heard(...args)
			}
		})()`)
	}
	s.probe.Run(`window.answers = []; addEventListener("message", e => answers.push(e.data))`)
	return s
}

// older is a message of a part that came long before all others.
const older = `{partline: 1, kind: "hello", page: "older_0123456789abcdef", born: 1, session: "session_0123456789abcd", from: "from__0123456789abcdef"}`

// younger is one of a part that has only come; whoever knows better answers.
const younger = `{partline: 1, kind: "hello", page: "younger_0123456789abcd", born: 8e15, session: "session_0123456789abcd", from: "from__0123456789abcdef"}`

// toBoth posts a message to both parts, whose frames are the first two of a page.
func toBoth(page, message, origin string) string {
	return fmt.Sprintf(`for (const i of [0, 1]) %s[i].postMessage(%s, %s)`, page, message, origin)
}

// settled waits until both parts have looked at all that was posted to them before:
// what is posted to a window comes in order, and the last of it is of the probe,
// which they answer. Then it tells how often the programs were woken, beside by the
// probe.
func (s *besieged) settled(t *testing.T) (woken int) {
	t.Helper()
	before := chromium.Eval[int](s.probe, `answers.length`)
	s.probe.Run(toBoth("parent", younger, "origin"))
	s.probe.Wait("answers", fmt.Sprintf(`answers.length >= %d + 2`, before))
	for _, answer := range chromium.Eval[[]ids](s.probe, fmt.Sprintf(`answers.slice(%d).map(a => ({page: a.page, session: a.session}))`, before)) {
		if answer != s.ids {
			t.Errorf("a part answers %+v, and was %+v", answer, s.ids)
		}
	}
	for _, f := range []*chromium.Frame{s.one, s.two} {
		woken += chromium.Eval[int](f, `Object.values(heard).reduce((a, b) => a + b, 0)`) - 1
		f.Run(`window.heard = {}`)
	}
	return woken
}

// unmoved expects that nothing of what was posted has reached the parts' programs.
func (s *besieged) unmoved(t *testing.T) {
	t.Helper()
	if n := s.settled(t); n != 0 {
		t.Errorf("the programs were woken %d times", n)
	}
}

func TestPostMessage_wrongOrigin(t *testing.T) {
	t.Parallel()
	s := besiege(t)
	for name, f := range map[string]*chromium.Frame{"the host": s.page.Frame, "a stranger": s.stranger} {
		t.Run(name, func(t *testing.T) {
			f.Run(toBoth("top", older, `"*"`))
			f.Run(toBoth("top", younger, `"*"`))
			s.unmoved(t)
		})
	}
	t.Run("an opaque origin", func(t *testing.T) {
		s.page.Run(`new Promise(done => {
			const f = document.createElement("iframe")
			f.sandbox = "allow-scripts"
			f.srcdoc = ` + quote(`<script>`+toBoth("top", older, `"*"`)+`; top.postMessage("sent", "*")</script>`) + `
			addEventListener("message", done, {once: true})
			document.body.append(f)
		})`)
		s.unmoved(t)
	})
}

func TestPostMessage_olderIDOfAForeignFrame(t *testing.T) {
	t.Parallel()
	s := besiege(t)
	s.stranger.Run(toBoth("top", older, `"*"`))
	s.unmoved(t)
	// Nor by another frame that comes late and asks who is there.
	s.page.Run(`document.body.insertAdjacentHTML("beforeend", ` + quote(`<iframe title=Late src="`+s.URL+`/parts/one"></iframe>`) + `)`)
	if got := agree(t, s.page.Inside("Late", 0), s.one, s.two); got != s.ids {
		t.Errorf("the page was %+v, and became %+v", s.ids, got)
	}
}

func TestPostMessage_wrongWindow(t *testing.T) {
	t.Parallel()
	s := besiege(t)
	t.Run("a popup of our origin", func(t *testing.T) {
		popup := s.one.Popup(`open("about:blank")`)
		if got := chromium.Eval[string](popup.Frame, `origin`); got != s.URL {
			t.Fatalf("the popup is of %s", got)
		}
		popup.Run(toBoth("opener.top", older, quote(s.URL)))
		popup.Run(toBoth("opener.top", younger, quote(s.URL)))
		s.unmoved(t)
	})
	t.Run("a part of another page", func(t *testing.T) {
		popup := s.page.Popup(`open("/")`)
		other := popup.Inside(titleOne, 0)
		if got := idsOf(other); got.Page == s.ids.Page || got.Session != s.ids.Session {
			t.Errorf("the other page is %+v, and this one %+v", got, s.ids)
		}
		other.Run(toBoth("top.opener", older, quote(s.URL)))
		other.Run(toBoth("top.opener", younger, quote(s.URL)))
		s.unmoved(t)
	})
	t.Run("the part itself", func(t *testing.T) {
		for _, f := range []*chromium.Frame{s.one, s.two} {
			f.Run(`postMessage(` + older + `, origin)`)
		}
		s.unmoved(t)
	})
}

// What is of our own page and origin, but not what a part says.
func TestPostMessage_wrongVersionOrShape(t *testing.T) {
	t.Parallel()
	s := besiege(t)
	for name, change := range map[string]string{
		"a later version":      `partline: 2`,
		"no version":           `partline: undefined`,
		"a version in words":   `partline: "1"`,
		"an unknown kind":      `kind: "leave"`,
		"no id":                `page: undefined`,
		"a short id":           `page: "older_0123456789abcde"`,
		"a long id":            `page: "older_0123456789abcdefg"`,
		"an id of other signs": `page: "older_0123456789abcd+/"`,
		"an id in a list":      `page: ["older_0123456789abcdef"]`,
		"no session":           `session: ""`,
		"no sender":            `from: null`,
		"born never":           `born: NaN`,
		"born before all":      `born: -1`,
		"born in words":        `born: "1"`,
		"born between":         `born: 1.5`,
		"born after all":       `born: 2 ** 60`,
	} {
		t.Run(name, func(t *testing.T) {
			s.calm()
			s.probe.Run(toBoth("parent", `Object.assign(`+older+`, {`+change+`})`, "origin"))
			s.unmoved(t)
		})
	}
	for name, message := range map[string]string{
		"a text": `"partline"`, "nothing": `null`, "a number": `1`, "a list": `[1, "hello"]`,
		"a message of SharePoint": `"<message senderId=ABCDEFAB0>resize(1, 1)</message>"`,
	} {
		t.Run(name, func(t *testing.T) {
			s.calm()
			s.probe.Run(toBoth("parent", message, "origin"))
			s.unmoved(t)
		})
	}
}

// calm waits until the parts read the probe again, for the next second, before it
// has sent more than they read in one.
func (s *besieged) calm() {
	if s.sent++; s.sent%8 != 0 {
		return
	}
	for _, f := range []*chromium.Frame{s.one, s.two} {
		f.Run(`new Promise(done => setTimeout(done, 1000 - performance.now() % 1000 + 1))`)
	}
}

func TestPostMessage_oneMegabyte(t *testing.T) {
	t.Parallel()
	s := besiege(t)
	const long = `"a".repeat(1 << 20)`
	for name, message := range map[string]string{
		"a text":        long,
		"an id":         `Object.assign(` + older + `, {page: ` + long + `})`,
		"a session":     `Object.assign(` + older + `, {session: ` + long + `})`,
		"a sender":      `Object.assign(` + older + `, {from: ` + long + `})`,
		"beside it all": `Object.assign(` + older + `, {partline: 9, more: ` + long + `})`,
		"many members":  `Object.fromEntries(Array.from({length: 1 << 15}, (_, i) => ["m" + i, "x".repeat(32)]))`,
	} {
		for sender, f := range map[string]*chromium.Frame{"of a page of ours": s.probe, "of the host": s.page.Frame} {
			t.Run(name+" "+sender, func(t *testing.T) {
				s.calm()
				f.Run(toBoth("top", message, `"*"`))
				s.unmoved(t)
			})
		}
	}
}

func TestPostMessage_tenThousandASecond(t *testing.T) {
	s := besiege(t)
	const messages = 10_000
	flood := func(message string) string {
		return fmt.Sprintf(`for (let n = 0; n < %d; n++) { %s }`, messages, toBoth("top", message, `"*"`))
	}
	for name, f := range map[string]*chromium.Frame{"of the host": s.page.Frame, "of a stranger": s.stranger} {
		t.Run(name, func(t *testing.T) {
			f.Run(flood(older))
			s.unmoved(t) // and both parts answer the probe at once
		})
	}
	t.Run("of a page of ours", func(t *testing.T) {
		s.probe.Run(flood(younger))
		s.probe.Wait("the end of it", `(() => {
			const now = `+younger+`
			now.from = "final_0123456789abcdef"
			for (const i of [0, 1]) parent[i].postMessage(now, origin)
			return answers.length > 2
		})()`)
		for _, f := range []*chromium.Frame{s.one, s.two} {
			f.Run(`new Promise(done => setTimeout(done))`)
			for _, n := range chromium.Eval[[]int](f, `Object.values(heard)`) {
				if n > 20 {
					t.Errorf("in one second the program was woken %d times", n)
				}
			}
		}
		agree(t, s.one, s.two)
		if got := idsOf(s.one); got != s.ids {
			t.Errorf("the page was %+v, and became %+v", s.ids, got)
		}
	})
	if got := chromium.Eval[string](s.one, saysStatus); got != "Connected" {
		t.Errorf("after the floods the part says %q", got)
	}
}

// A page of the parts' own server that is no part says nothing and hurts nobody, and
// the parts say to it what they say to siblings: that origin is theirs.
func TestPostMessage_pageOfOursThatIsNoPart(t *testing.T) {
	t.Parallel()
	s := besiege(t)
	if n := chromium.Eval[int](s.probe, `answers.length`); n != 0 {
		t.Errorf("it was answered %d times and had not asked", n)
	}
	s.probe.Run(`parent[0].postMessage({hello: "world"}, origin); parent[1].postMessage("hello", origin)`)
	s.unmoved(t)
	for _, complaint := range append(s.one.Complaints(), s.probe.Complaints()...) {
		t.Error(complaint)
	}
}
