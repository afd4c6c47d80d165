package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"partline.dev/e2e/chromium"
)

// jqueryPart is the frame of a part as it was made with SignalR 2, on its page on
// the demo host, of which it is a page too.
func jqueryPart(number string) string {
	return fmt.Sprintf(`document.querySelector("iframe[title='Connected Part - %s, with jQuery']").contentDocument`, number)
}

// The two connected parts and one of ours hear each other.
func TestSignalR2Example_connectedParts(t *testing.T) {
	t.Parallel()
	s := startExample(t)
	page := chromium.Start(t, nil).Open(s.HostURL + "/signalr2/parts")
	page.Size(1300, 900) // what is out of sight a browser does not keep up to date
	ours := framed(t, page, titleOne, 0)
	both := []string{jqueryPart("One"), jqueryPart("Two")}
	for _, part := range both {
		page.Wait("the connection", part+`.querySelector("[role=status]")?.textContent === "Connected"`)
	}
	var said []string
	expect := func(who, text string) {
		t.Helper()
		said = append(said, who+": "+text)
		ours.expect(said...)
		for _, part := range both {
			page.Wait("the line", fmt.Sprintf(`%s.querySelectorAll(".chat-log li").length === %d`, part, len(said)))
			last := chromium.Eval[string](page.Frame, part+`.querySelector(".chat-log li:last-child").innerText`)
			if last != who+" "+text {
				t.Errorf("it shows %q, not what %s said: %q", last, who, text)
			}
		}
	}
	for i, name := range []string{"jQuery Part One", "jQuery Part Two"} {
		text := fmt.Sprint("Hello World from App Part ", i+1)
		page.Run(fmt.Sprintf(`{ const part = %s; part.querySelector("[name=message]").value = %s; part.querySelector("[name=send]").click() }`, both[i], quote(text)))
		expect(name, text)
	}
	ours.say("<b>from Go</b>")
	expect(speaksOne, "<b>from Go</b>")
	noComplaints(t, map[string]*chromium.Page{"the host page": page})
}

// Everybody hears everybody, the speaker too.
func TestSignalR2Example_mvcChat(t *testing.T) {
	t.Parallel()
	s := startExample(t)
	b := chromium.Start(t, nil)
	people := map[string]*chromium.Page{"Ann": openExample(t, b, s, exampleMVC), "Bob": openExample(t, b, s, exampleMVC)}
	nameThem(t, people)
	people["Ann"].Front()
	people["Ann"].Press("hello" + kb.Enter)
	for _, p := range people {
		waitLines(t, p, "Ann hello")
	}
	people["Bob"].Front()
	people["Bob"].Press("<b>not bold</b>" + kb.Tab + " ")
	for _, p := range people {
		waitLines(t, p, "Ann hello", "Bob <b>not bold</b>")
	}
	noComplaints(t, people)
}

// One hub has clients of both generations.
func TestSignalR2Example_peersOfBothGenerations(t *testing.T) {
	t.Parallel()
	s := startExample(t)
	b := chromium.Start(t, nil)
	ann, bob, carol := openExample(t, b, s, examplePeers), openExample(t, b, s, exampleCore), openExample(t, b, s, examplePeers)
	people := map[string]*chromium.Page{"Ann": ann, "Bob": bob, "Carol": carol}
	nameThem(t, people)
	ann.Front()
	ann.Press("hello")
	waitLines(t, bob, "Ann is typing …")
	waitLines(t, carol, "Ann is typing …")
	ann.Press(kb.Enter)
	for _, p := range people {
		waitLines(t, p, "Ann hello")
	}
	bob.Front()
	bob.Press("from the other one")
	waitLines(t, ann, "Ann hello", "Bob is typing …")
	bob.Press(kb.Enter)
	for _, p := range people {
		waitLines(t, p, "Ann hello", "Bob from the other one")
	}
	noComplaints(t, people)
}

// What such a page says while the hub is away, and that nothing written is lost.
func TestSignalR2Example_withoutTheHub(t *testing.T) {
	t.Parallel()
	s := startExample(t)
	page := openExample(t, chromium.Start(t, nil), s, examplePeers)
	box := page.Find("textbox", "Message")
	box.Type("kept")
	page.Run(`$($.connection.hub).triggerHandler("onConnectionSlow"); 0`) // which takes 13 s to come by itself
	waitState(page, "Connected, but nothing has come from the hub for some seconds")
	s.Kill()
	waitState(page, "Reconnecting")
	if !box.Focused() {
		t.Error("who is writing loses the focus while it connects again")
	}
	page.Press(kb.Enter) // nothing is sent now
	axe(t, page.Frame, "an example that connects again")
	s.Restart()
	waitState(page, "Connected")
	if got := box.Value(); got != "kept" || len(lines(page)) > 0 {
		t.Errorf("the box holds %q, the lines are %q", got, lines(page))
	}
	page.Press(kb.Enter)
	page.Wait("the line", `document.querySelector(".chat-log li")?.innerText.endsWith(" kept")`)

	page.Press("kept too")
	page.Run(`$.connection.hub.stop(); 0`)
	waitState(page, "Not connected")
	if !page.Find("button", "Connect again").Focused() {
		t.Error("who was writing is left without a focus")
	}
	axe(t, page.Frame, "an example without a connection")
	s.Kill()
	page.Press(" ")
	waitProblem(page, "Error during negotiation request.")
	s.Restart()
	page.Find("button", "Connect again").Click()
	waitState(page, "Connected")
	if got := box.Value(); got != "kept too" {
		t.Errorf("the box holds %q, not what was written", got)
	}
}

// Without the script of the hub there is nothing to call, and the page says so.
func TestSignalR2Example_withoutTheScriptOfTheHub(t *testing.T) {
	t.Parallel()
	var to *url.URL
	var comes atomic.Bool
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(r *http.Response) error {
			page, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			if !comes.Load() {
				page = bytes.ReplaceAll(page, []byte(`/peer/signalr/hubs"`), []byte(`/peer/nothing/hubs"`))
			}
			r.Body = io.NopCloser(bytes.NewReader(page))
			return nil
		},
	})
	defer proxy.Close()
	s := startExample(t, "--allow-host", proxy.URL)
	var err error
	if to, err = url.Parse(s.HostURL); err != nil {
		t.Fatal(err)
	}
	page := chromium.Start(t, nil).Open(proxy.URL + examplePeers)
	waitProblem(page, "/peer/signalr/hubs, which knows the hub's methods, did not come")
	waitState(page, "Not connected")
	axe(t, page.Frame, "an example without the script of its hub")
	comes.Store(true)
	page.Find("button", "Connect again").Click()
	waitState(page, "Connected")
}
