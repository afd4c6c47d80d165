package chromium_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"go.uber.org/goleak"

	"partline.dev/e2e/chromium"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const part = `<!doctype html><title>part</title>
<label>Message <input id=box></label><button>Send</button><ul role=log></ul>
<script>
document.querySelector("button").onclick = e => {
	if (!e.isTrusted) return
	const li = document.createElement("li")
	li.textContent = document.querySelector("input").value
	document.querySelector("ul").append(li)
}
document.querySelector("input").onkeydown = e => { if (e.key === "Enter") document.querySelector("button").click() }
</script>`

// site serves a page with three frames of another site: the page of 127.0.0.1
// shows localhost's.
func site(t *testing.T) (host string) {
	t.Helper()
	var other string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/host":
			fmt.Fprintf(w, `<!doctype html><title>host</title><h1>Host</h1><p>text</p><iframe title=One src="%[1]s/part"></iframe><iframe title=Two src="%[1]s/part"></iframe><iframe title=Two src="%[1]s/part"></iframe>`, other)
		case "/part":
			fmt.Fprint(w, part)
		case "/bad":
			fmt.Fprint(w, `<!doctype html><img src="/gone.png"><script>console.error("from the console"); addEventListener("load", () => { localStorage.x = 1; throw new Error("thrown") })</script>`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	other = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	return s.URL
}

func TestFrame_ofAnotherSite(t *testing.T) {
	host := site(t)
	page := chromium.Start(t, nil).Open(host + "/host")
	one, two := page.Inside("One", 0), page.Inside("Two", 1)
	one.Find("textbox", "Message").Type("Hello")
	one.Find("button", "Send").Click()
	one.Wait("the line", `document.querySelector("ul").innerText === "Hello"`)
	two.Find("textbox", "Message").Type("<b>grün 🙂</b>")
	two.Press(kb.Tab + " ")
	two.Wait("the line", `document.querySelector("ul").innerText === "<b>grün 🙂</b>"`)
	if !two.Find("button", "Send").Focused() {
		t.Error("after a tab the button does not have the focus")
	}
	if got := one.Find("textbox", "Message").Value(); got != "Hello" {
		t.Errorf("the box holds %q", got)
	}
	if other := page.Inside("Two", 0).Find("log", "").Text(); other != "" {
		t.Errorf("another frame of the same title shows %q", other)
	}
	if one.Has("button", "Delete") {
		t.Error("it finds a button that is not there")
	}
}

func TestFrame_complaints(t *testing.T) {
	host := site(t)
	page := chromium.Start(t, nil).Open(host + "/bad")
	got := page.Complaints()
	for _, want := range []string{"from the console", "exception: Uncaught", "404"} {
		if !slices.ContainsFunc(got, func(c string) bool { return strings.Contains(c, want) }) {
			t.Errorf("no complaint has %q: %q", want, got)
		}
	}
}

func TestBrowser_blockedStorage(t *testing.T) {
	host := site(t)
	const kept = `(() => { try { localStorage.x = "kept"; return localStorage.x } catch (e) { return e.name } })()`
	for want, options := range map[string]*chromium.Options{
		"kept":          nil,
		"SecurityError": {BlockStorage: true},
	} {
		page := chromium.Start(t, options).Open(host + "/host")
		if got := chromium.Eval[string](page.Frame, kept); got != want {
			t.Errorf("the page's storage gives %q, want %q", got, want)
		}
		if got := chromium.Eval[string](page.Inside("One", 0), kept); got != want {
			t.Errorf("the frame's storage gives %q, want %q", got, want)
		}
	}
}

func TestBrowser_hiddenTab(t *testing.T) {
	host := site(t)
	b := chromium.Start(t, nil)
	page := b.Open(host + "/part")
	page.Wait("to be seen", `document.visibilityState === "visible"`)
	b.OpenBehind(host + "/part")
	page.Wait("to be hidden", `document.visibilityState === "hidden"`)
	page.Front()
	page.Wait("to be seen again", `document.visibilityState === "visible"`)
}

func TestPage_freezeAndThaw(t *testing.T) {
	host := site(t)
	page := chromium.Start(t, nil).Open(host + "/part")
	page.Run(`window.beats = 0; setInterval(() => beats++, 10)`)
	page.Wait("a beat", `beats > 0`)
	page.Freeze()
	// What was under way when it froze may be counted still.
	before := chromium.Eval[int](page.Frame, `beats`)
	<-time.After(time.Second)
	if now := chromium.Eval[int](page.Frame, `beats`); now > before+1 {
		t.Errorf("frozen, the page's timer fired %d times", now-before)
	}
	page.Thaw()
	page.Wait("another beat", fmt.Sprintf(`beats > %d`, before+5))
}
