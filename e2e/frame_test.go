package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// hosted is a server of parts that two other sites may show, and a page of parts on
// each.
type hosted struct {
	*partline.Server

	sites [2]string // 127.0.0.1 and 127.0.0.2: two sites
	pages map[string]string
}

// host starts all that. The pages are those of both sites; in them PARTS is the
// origin of the parts.
func host(t *testing.T, pages map[string]string) *hosted {
	t.Helper()
	h := &hosted{pages: pages}
	for i, address := range []string{"127.0.0.1:0", "127.0.0.2:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		s := httptest.NewUnstartedServer(http.HandlerFunc(h.serve))
		s.Listener.Close()
		s.Listener = l
		s.Start()
		t.Cleanup(s.Close)
		h.sites[i] = s.URL
	}
	h.Server = partline.Start(t, binary, "--allow-host", h.sites[0], "--allow-host", h.sites[1], "--log-level", "debug")
	return h
}

func (h *hosted) serve(w http.ResponseWriter, r *http.Request) {
	page, ok := h.pages[r.URL.Path]
	if !ok {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	page = strings.NewReplacer("PARTS", h.URL, "OTHER", h.sites[1]).Replace(page)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><title>Host</title>", page)
}

// Pages of host sites.
const (
	iframeOne = `<iframe title="` + titleOne + `" src="PARTS/parts/one"></iframe>`
	iframeTwo = `<iframe title="` + titleTwo + `" src="PARTS/parts/two"></iframe>`
)

// ids are what a part knows of where it is.
type ids struct{ Page, Session string }

// idsOf asks the part, as another one that knows less would.
func idsOf(f *chromium.Frame) ids {
	f.Wait("the program", `globalThis.partlineFrame?.heard != null`)
	return chromium.Eval[ids](f, `(() => {
		const {say} = partlineFrame
		let known
		partlineFrame.say = (kind, page, born, session) => { known = {page, session} }
		partlineFrame.heard("younger_0123456789abcd", Number.MAX_SAFE_INTEGER, "session_0123456789abcd", null)
		partlineFrame.say = say
		return known
	})()`)
}

// waitPage waits until the part is on that page.
func waitPage(f *chromium.Frame, page string) {
	f.Wait("the page's id", `(() => {
		const {say, heard} = globalThis.partlineFrame ?? {}
		if (!heard) return false
		let known
		partlineFrame.say = (kind, page) => { known = page }
		partlineFrame.heard("younger_0123456789abcd", Number.MAX_SAFE_INTEGER, "session_0123456789abcd", null)
		partlineFrame.say = say
		return known === `+quote(page)+`
	})()`)
}

// agree waits until all parts are of one page and one session, which for a while those
// are not that came last.
func agree(t *testing.T, parts ...*chromium.Frame) ids {
	t.Helper()
	tick, guard := time.NewTicker(50*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		var all []ids
		for _, p := range parts {
			all = append(all, idsOf(p))
		}
		first := all[0]
		if !slices.ContainsFunc(all, func(of ids) bool { return of != first }) {
			if len(first.Page) != 22 || len(first.Session) != 22 {
				t.Errorf("the ids are %+v", first)
			}
			return first
		}
		select {
		case <-tick.C:
		case <-guard:
			t.Fatalf("the parts do not agree: %+v", all)
		}
	}
}

func TestFrame_partsOfAPageAgree(t *testing.T) {
	t.Parallel()
	h := host(t, map[string]string{
		"/":      iframeOne + iframeTwo + `<div id=late></div>`,
		"/back":  iframeTwo + iframeOne,
		"/empty": `<div id=late></div>`,
	})
	b := chromium.Start(t, nil)
	page := b.Open(h.sites[0] + "/")
	one, two := page.Inside(titleOne, 0), page.Inside(titleTwo, 0)
	idsOf(two)
	first := agree(t, one, two)

	t.Run("a late third joins", func(t *testing.T) {
		late := strings.ReplaceAll(strings.ReplaceAll(iframeOne, titleOne, "Third"), "PARTS", h.URL)
		page.Run(`document.querySelector("#late").innerHTML = ` + quote(late))
		if got := agree(t, page.Inside("Third", 0), one, two); got != first {
			t.Errorf("the page was %+v, and became %+v", first, got)
		}
	})
	t.Run("a part that is loaded again stays", func(t *testing.T) {
		page.Run(`document.querySelector("iframe").src += "?again"`)
		if got := agree(t, two, page.Inside(titleOne, 0)); got != first {
			t.Errorf("the page was %+v, and became %+v", first, got)
		}
	})
	t.Run("in another order, and another tab", func(t *testing.T) {
		other := b.Open(h.sites[0] + "/back")
		got := agree(t, other.Inside(titleOne, 0), other.Inside(titleTwo, 0))
		if got.Page == first.Page || got.Session != first.Session {
			t.Errorf("one tab is %+v, the other %+v: the page should differ, and the session not", first, got)
		}
	})
	t.Run("one after the other, backwards", func(t *testing.T) {
		other := b.Open(h.sites[0] + "/empty")
		var before ids
		for _, title := range []string{"Third", "Second", "First"} {
			frame := strings.ReplaceAll(strings.ReplaceAll(iframeTwo, titleTwo, title), "PARTS", h.URL)
			other.Run(`document.querySelector("#late").insertAdjacentHTML("afterbegin", ` + quote(frame) + `)`)
			now := agree(t, other.Inside(title, 0), other.Inside("Third", 0))
			if before != (ids{}) && now != before {
				t.Errorf("the page was %+v, and became %+v", before, now)
			}
			before = now
		}
	})
	t.Run("what the browser keeps is deleted", func(t *testing.T) {
		other := b.Open(h.sites[0] + "/")
		far := other.Inside(titleOne, 0)
		waitPage(far, idsOf(far).Page)
		one.Run(`localStorage.clear()`)
		far.Wait("another session", `![null, `+quote(first.Session)+`].includes(localStorage.getItem("partline-session"))`)
		one.Wait("it, too", `![null, `+quote(first.Session)+`].includes(localStorage.getItem("partline-session"))`)
		got := agree(t, far, other.Inside(titleTwo, 0))
		if now := agree(t, one, two); now.Page != first.Page || now.Session != got.Session || now.Session == first.Session {
			t.Errorf("one tab was %+v and is %+v, another is %+v", first, now, got)
		}
		first = agree(t, one, two)
	})
	t.Run("another host site", func(t *testing.T) {
		other := b.Open(h.sites[1] + "/")
		got := agree(t, other.Inside(titleOne, 0), other.Inside(titleTwo, 0))
		if got.Page == first.Page || got.Session == first.Session {
			t.Errorf("one site is %+v, the other %+v: both should differ", first, got)
		}
	})
	t.Run("a part that is the whole window", func(t *testing.T) {
		left, right := idsOf(b.Open(h.URL+"/parts/one").Frame), idsOf(b.Open(h.URL+"/parts/one").Frame)
		if left.Page == right.Page || left.Session != right.Session || left.Session == first.Session {
			t.Errorf("two windows are %+v and %+v, and a host site %+v", left, right, first)
		}
	})
}

func TestFrame_tenAtOnce(t *testing.T) {
	t.Parallel()
	h := host(t, map[string]string{"/": strings.Repeat(iframeOne, 10)})
	page := chromium.Start(t, nil).Open(h.sites[0] + "/")
	var parts []*chromium.Frame
	for i := range 10 {
		f := page.Inside(titleOne, i)
		idsOf(f)
		parts = append(parts, f)
	}
	agree(t, parts...)
}

// A part in a frame of the host's own, and one whose frame is fenced in.
func TestFrame_nestedAndSandboxed(t *testing.T) {
	t.Parallel()
	h := host(t, map[string]string{
		"/":      iframeOne + `<iframe src="/inner"></iframe>` + strings.Replace(iframeOne, "title=", `sandbox="allow-scripts allow-same-origin" title=`, 1),
		"/inner": `<iframe src="/inmost"></iframe>`, "/inmost": iframeTwo,
	})
	page := chromium.Start(t, nil).Open(h.sites[0] + "/")
	agree(t, page.Inside(titleOne, 0), page.Inside(titleTwo, 0), page.Inside(titleOne, 1))
}

func TestFrame_storageBlocked(t *testing.T) {
	t.Parallel()
	h := host(t, map[string]string{"/": iframeOne + iframeTwo})
	b := chromium.Start(t, &chromium.Options{BlockStorage: true})
	page, other := b.Open(h.sites[0]+"/"), b.Open(h.sites[0]+"/")
	got := agree(t, page.Inside(titleOne, 0), page.Inside(titleTwo, 0))
	if got.Session != got.Page {
		t.Errorf("the session is %s, and should be the page %s", got.Session, got.Page)
	}
	if same := agree(t, other.Inside(titleOne, 0), other.Inside(titleTwo, 0)); same.Page == got.Page {
		t.Error("two tabs are the same page")
	}
}

// Parts that load late come into the page's room without a new connection.
func TestFrame_lateLoadsHear(t *testing.T) {
	t.Parallel()
	h := host(t, map[string]string{"/": iframeOne + `<div id=late></div>`})
	b := chromium.Start(t, nil)
	page, other := b.Open(h.sites[0]+"/"), b.Open(h.sites[0]+"/")
	one, far := framed(t, page, titleOne, 0), framed(t, other, titleOne, 0)
	page.Run(`document.querySelector("#late").innerHTML = ` + quote(strings.ReplaceAll(iframeTwo, "PARTS", h.URL)))
	two := framed(t, page, titleTwo, 0)
	agree(t, one.Frame, two.Frame)
	one.say("to this page")
	two.expect(speaksOne + ": to this page")
	far.say("to that page")
	far.expect(speaksOne + ": to that page")

	// An older page: as if its part had been there and was not heard.
	negotiated := h.Metric(`partline_negotiations_total`)
	two.Run(`partlineFrame.heard("older_0123456789abcdef", 1, "session_0123456789abcd", null)`)
	waitPage(one.Frame, "older_0123456789abcdef")
	two.say("still together")
	one.expect(speaksOne+": to this page", speaksTwo+": still together")
	if now := h.Metric(`partline_negotiations_total`); now != negotiated {
		t.Errorf("%v connections were made for that", now-negotiated)
	}
}
