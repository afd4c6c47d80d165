package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/server"
	"partline.dev/server/hub"
	"partline.dev/server/mvcchat"
	"partline.dev/server/peerchat"
)

// blogScript is the script of document 1, completed.
func blogScript(t *testing.T) string {
	t.Helper()
	cut := between(t, originals(t, "1-connected-app-parts-blog.txt"), "<!--Add script to update the page", "Here’s the server side")
	return complete(t, cut,
		completion{`+ '</strong>:&nbsp;&nbsp;' + encodedMsg + '</li>');`, []string{`        };`}},
		completion{`// Set initial focus to message input box.`, []string{`        $('#message').focus();`}},
		completion{`// Clear text box and reset focus for next comment.`, []string{
			`                $('#message').val('').focus();`, `            });`, `        });`, `    });`, `</script>`,
		}},
	)
}

func TestOriginal_connectedAppPartsOfTheBlog(t *testing.T) {
	t.Parallel()
	script := blogScript(t)
	for _, c := range classicClients {
		t.Run(c.version, func(t *testing.T) {
			a := newApplication(t, c)
			var addresses []string
			for _, name := range []string{"Part One", "Part Two"} {
				addresses = append(addresses, a.page(strings.ReplaceAll("Connected"+name+".aspx", " ", ""), fmt.Sprintf(originalBody, name)+
					`<script src="../Scripts/jquery-1.6.4.min.js"></script>
					<script src="../Scripts/jquery.signalR-2.0.3.min.js"></script>
					<script src="../signalr/hubs"></script>`+script))
			}
			a.start(t)
			b := chromium.Start(t, nil)
			one := newOriginalPart(t, b.Open(addresses[0]).Frame, spacesOfDocument1)
			two := newOriginalPart(t, b.Open(addresses[1]).Frame, spacesOfDocument1)
			one.say(hello)
			lines := []spoken{{"Part One", hello}}
			one.expect(lines...)
			two.expect(lines...)
			two.say("<i>and back</i>")
			lines = append(lines, spoken{"Part Two", "<i>and back</i>"})
			one.expect(lines...)
			two.expect(lines...)
			if got := chromium.Eval[string](one.Frame, `$.connection.hub.transport.name`); got != "webSockets" {
				t.Errorf("left to itself the client's transport is %s", got)
			}
		})
	}
}

// serveHub has a hub of ours answer at the application's /signalr.
func (a *application) serveHub(t *testing.T, m *hub.Mux) {
	t.Helper()
	s, err := server.New(server.Options{Mounts: []server.Mount{{Path: "/app/signalr", Hubs: []*hub.Mux{m}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	a.mux.Handle("/app/signalr/", s.Handler())
}

// mvcChat is the page of document 2, with its script completed. The document's
// view engine would put in the tag of jQuery, and the site's path where a ~ is.
func mvcChat(t *testing.T) string {
	t.Helper()
	text := originals(t, "2-mvc-chat.txt")
	body := between(t, text, `<h2>Chat</h2>`, `@section scripts`)
	tags := regexp.MustCompile(`(?m)^ *<script src="~/.*</script>\r?\n`).FindAllString(text, -1)
	script := complete(t, between(t, text, `$(function () {`, `return encodedValue;`)+"            return encodedValue;\n",
		completion{"", []string{`    <script>`}},
		completion{`+ '</strong>: ' + htmlEncode(message) + '</li>');`, []string{`            };`}},
		completion{`chat.server.send($('#displayname').val(), $('#message').val());`, []string{
			`                });`, `            });`, `        });`,
		}},
		completion{`return encodedValue;`, []string{`        }`, `    </script>`}},
	)
	return `<!doctype html><title>Chat</title>` + body + `</div><script src="../Scripts/jquery.js"></script>` +
		strings.ReplaceAll(strings.Join(tags, ""), "~/", "../") +
		// The page asks for a name by a dialog.
		`<script>window.prompt = () => location.hash.slice(1)</script>` + script
}

func TestOriginal_mvcChat(t *testing.T) {
	t.Parallel()
	page := mvcChat(t)
	for _, c := range classicClients {
		t.Run(c.version, func(t *testing.T) {
			a := newApplication(t, c)
			a.serveHub(t, mvcchat.New())
			talkInMVCChat(t, a.page("Chat", page))
		})
	}
}

// declaredChat is the page's hub, without any Go.
const declaredChat = `hubs:
  chatHub:
    at: /mvc/signalr
    methods:
      Send:
        arguments: [name, message]
        publish: addNewMessageToPage
        to: all
`

func TestOriginal_mvcChatOfADeclaredHub(t *testing.T) {
	t.Parallel()
	page := mvcChat(t)
	file := filepath.Join(t.TempDir(), "hubs.yaml")
	if err := os.WriteFile(file, []byte(declaredChat), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range classicClients {
		t.Run(c.version, func(t *testing.T) {
			a := newApplication(t, c)
			c.serve(t, a.mux, "/app/mvc/Scripts/jquery.js", "/app/mvc/Scripts/jquery.signalR-2.1.2.min.js")
			a.start(t, "--hubs", file)
			talkInMVCChat(t, a.pageAt("/app/mvc/Home/Chat", page))
		})
	}
}

// talkInMVCChat has two people at the page hear each other.
func talkInMVCChat(t *testing.T, address string) {
	t.Helper()
	b := chromium.Start(t, nil)
	ann := newOriginalPart(t, b.Open(address+"#Ann").Frame, " ")
	bob := newOriginalPart(t, b.Open(address+"#Bob").Frame, " ")
	var lines []spoken
	for i, who := range []*originalPart{ann, bob, ann} {
		name := []string{"Ann", "Bob"}[i%2]
		text := fmt.Sprintf("<b>%d</b> & more", i)
		// This page leaves the box as it is.
		who.Run(fmt.Sprintf(`$("#message").val(%s); document.getElementById("sendmessage").click()`, quote(text)))
		lines = append(lines, spoken{name, text})
		ann.expect(lines...)
		bob.expect(lines...)
	}
}

// classicOnly are the passages of document 4 for SignalR 2.
var classicOnly = regexp.MustCompile(`(?s)\{% if site\.core %\}.*?(?:\{% else %\}(.*?))?\{% endif %\}`)

// peerToPeerChat are the two scripts of document 4 for SignalR 2. Both declare
// currentUser: as scripts of one page the second would not run, so the first, of
// which the page uses the functions, is put in a block.
func peerToPeerChat(t *testing.T) (handlers, hubProxy string) {
	t.Helper()
	text := classicOnly.ReplaceAllString(originals(t, "4-peer-to-peer-chat.txt"), "$1")
	var scripts []string
	for _, block := range javaScript.FindAllStringSubmatch(text, -1) {
		scripts = append(scripts, scriptTag.ReplaceAllString(block[1], ""))
	}
	if len(scripts) != 2 {
		t.Fatalf("the document has %d scripts, not 2", len(scripts))
	}
	handlers = "{\n" + scripts[0] + "}\n"
	showAdditions(t, scripts[0], handlers)
	return handlers, scripts[1]
}

func TestOriginal_peerToPeerChatOfSignalR2(t *testing.T) {
	t.Parallel()
	handlers, hubProxy := peerToPeerChat(t)
	for _, c := range classicClients {
		t.Run(c.version, func(t *testing.T) {
			a := newApplication(t, c)
			a.serveHub(t, peerchat.New())
			var pages []*chromium.Page
			b := chromium.Start(t, nil)
			for _, name := range []string{"id of Ann", "id of Bob"} {
				page := a.page(strings.ReplaceAll(name, " ", "-"), `<!doctype html><title>Chat</title><div id="chat"></div>
					<script src="../Scripts/jquery.js"></script><script src="../Scripts/jquery.signalR-2.1.2.min.js"></script>
					<script>`+originalLibrary+`</script><script src="../signalr/hubs"></script>`+
					// The page's own server puts a name in.
					`<script>`+strings.ReplaceAll(handlers, "@name", name)+`</script><script>`+strings.ReplaceAll(hubProxy, "@name", name)+`</script>`)
				pages = append(pages, b.Open(page))
			}
			ann, bob := pages[0], pages[1]
			for _, p := range pages {
				p.Wait("the connection", `$.connection.hub.state === 1`)
			}
			expect := func(p *chromium.Page, want string) {
				t.Helper()
				const shows = `shown.map((m) => [m.authorId, m.authorName, m.text, m.isTyping].join())`
				p.Wait("what the other has done", shows+`.join("|") === `+quote(want))
			}
			ann.Run(`for (const key of "he") onInput({ key })`)
			expect(bob, "id of Ann,User123,,true")
			ann.Run(`onSendMessage({ message: { text: "hello <b>everybody</b>" } })`)
			expect(bob, "id of Ann,User123,hello <b>everybody</b>,false")
			// Had Ann heard herself, it would be there before what Bob says.
			bob.Run(`onSendMessage({ message: { text: "hello Ann" } })`)
			expect(ann, "id of Bob,User123,hello Ann,false")
			for _, p := range pages {
				for _, complaint := range p.Complaints() {
					t.Errorf("the browser complains: %s", complaint)
				}
			}
		})
	}
}
