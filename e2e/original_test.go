package e2e_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/server"
	"partline.dev/server/hub"
	"partline.dev/server/peerchat"
)

// The page that the living example is written after runs unchanged against our
// hub: its script is cut from the document that it is published in.

// originals is the folder of such documents, or the test is skipped.
func originals(t *testing.T, name string) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("PARTLINE_ORIGINALS"), filepath.Join("..", "..", "shared", "originals"))
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Skipf("the original page is not here, and is nobody's to copy into this repository; PARTLINE_ORIGINALS names its folder: %v", err)
	}
	return string(text)
}

var (
	// coreOnly are the passages that the document has for one of the two
	// generations of SignalR.
	coreOnly = regexp.MustCompile(`(?s)\{% if site\.core %\}(.*?)(?:\{% else %\}.*?)?\{% endif %\}`)

	javaScript = regexp.MustCompile("(?ms)^ *```JS[^\n]*\n(.*?)^ *```")
	scriptTag  = regexp.MustCompile(`</?script>`)
)

// originalScripts are the scripts of the document's page for ASP.NET Core
// SignalR, as they are.
func originalScripts(t *testing.T) []string {
	t.Helper()
	text := coreOnly.ReplaceAllString(originals(t, "4-peer-to-peer-chat.txt"), "$1")
	var scripts []string
	for _, block := range javaScript.FindAllStringSubmatch(text, -1) {
		scripts = append(scripts, scriptTag.ReplaceAllString(block[1], ""))
	}
	if len(scripts) != 4 {
		t.Fatalf("the document has %d scripts, not 4", len(scripts))
	}
	return scripts
}

// What the document leaves to another library: a chat that shows what it is told
// to.
const originalLibrary = `
	const shown = []
	const widget = {
		dataSource: { data: () => shown, get: (id) => shown.find((m) => m.id === id) },
		updateMessage: (m, change) => Object.assign(m, change),
		postMessage: (m) => shown.push(m),
	}
	const kendo = { guid: () => crypto.randomUUID() }
	if (window.jQuery) jQuery.fn.getKendoChat = () => widget
`

// aLittleJQuery is what the page for ASP.NET Core uses of jQuery.
const aLittleJQuery = `
	const $ = (what) => what === document ? { ready: (f) => f() } : { getKendoChat: () => widget }
	$.grep = (list, f) => list.filter(f)
`

func TestOriginal_peerToPeerChat(t *testing.T) {
	t.Parallel()
	scripts := originalScripts(t)
	client := fromNPM(t, "@microsoft", "signalr", "dist", "browser", "signalr.min.js")
	s, err := server.New(server.Options{Mounts: []server.Mount{{Path: "/chat", Hubs: []*hub.Mux{peerchat.New()}}}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/chat", s.Handler())
	mux.Handle("/chat/", s.Handler())
	mux.HandleFunc("GET /signalr.min.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, client)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>Chat</title><script src="/signalr.min.js"></script><script>%s</script>`, originalLibrary+aLittleJQuery)
		for _, script := range scripts {
			// The page's own server puts a name in.
			fmt.Fprintf(w, "<script>%s</script>", strings.ReplaceAll(script, "@name", rand.Text()))
		}
	})
	site := httptest.NewServer(mux)
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		site.Close()
	})

	b := chromium.Start(t, nil)
	ann, bob := b.Open(site.URL+"/"), b.Open(site.URL+"/")
	for _, p := range []*chromium.Page{ann, bob} {
		p.Wait("the connection", `chatHub.state === "Connected"`)
	}
	annID := chromium.Eval[string](ann.Frame, `currentUser.id`)
	type message struct {
		AuthorID   string `json:"authorId"`
		AuthorName string `json:"authorName"`
		Text       string `json:"text"`
		IsTyping   bool   `json:"isTyping"`
	}
	expect := func(p *chromium.Page, want message) {
		t.Helper()
		p.Wait("what the other has done", fmt.Sprintf(`shown.length === 1 && shown[0].isTyping === %v`, want.IsTyping))
		if got := chromium.Eval[[]message](p.Frame, `shown`); len(got) != 1 || got[0] != want {
			t.Errorf("the page shows %+v, want %+v", got, want)
		}
	}
	ann.Run(`for (const key of "he") onInput({ key })`)
	expect(bob, message{AuthorID: annID, AuthorName: "User123", IsTyping: true})
	ann.Run(`onSendMessage({ message: { text: "hello <b>everybody</b>" } })`)
	expect(bob, message{AuthorID: annID, AuthorName: "User123", Text: "hello <b>everybody</b>"})
	// Had Ann heard herself, it would be there before what Bob says.
	bob.Run(`onSendMessage({ message: { text: "hello Ann" } })`)
	expect(ann, message{AuthorID: chromium.Eval[string](bob.Frame, `currentUser.id`), AuthorName: "User123", Text: "hello Ann"})
	for name, p := range map[string]*chromium.Page{"Ann": ann, "Bob": bob} {
		for _, c := range p.Complaints() {
			if !strings.Contains(c, "favicon") {
				t.Errorf("%s's browser complains: %s", name, c)
			}
		}
	}
}
