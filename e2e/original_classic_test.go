package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// The pages of 2014 run unchanged: their scripts are cut from the documents that
// they are published in, and run as they are with the unmodified npm clients.

// The paths that the documents have for what we serve a newer version of: these
// versions of jQuery and the client are not on npm.
const (
	pathOfJQuery  = "/app/Scripts/jquery-1.6.4.min.js"
	pathOfClient  = "/app/Scripts/jquery.signalR-2.0.3.min.js"
	pathOfClient2 = "/app/Scripts/jquery.signalR-2.1.2.min.js"
)

// application is a site as the documents have it: pages in /app/Pages, scripts in
// /app/Scripts, and everything else of /app the hub's.
type application struct {
	mux    *http.ServeMux
	origin string // of localhost
}

func newApplication(t *testing.T, c classicClient) *application {
	t.Helper()
	a := &application{mux: http.NewServeMux()}
	s := httptest.NewServer(a.mux)
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections)
	a.origin = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	c.serve(t, a.mux, pathOfJQuery, pathOfClient)
	c.serve(t, a.mux, "/app/Scripts/jquery.js", pathOfClient2)
	a.mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return a
}

// page adds a page and returns its address.
func (a *application) page(name, html string) string { return a.pageAt("/app/Pages/"+name, html) }

func (a *application) pageAt(path, html string) string {
	a.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	})
	return a.origin + path
}

// start starts the binary behind the application, under its prefix.
func (a *application) start(t *testing.T, flags ...string) *partline.Server {
	t.Helper()
	s := partline.Start(t, binary, append([]string{"--public-url", a.origin + "/app"}, flags...)...)
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	a.mux.Handle("/app/", &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	return s
}

// The page around the scripts, after the sample's: what they look for by its id.
const originalBody = `<!doctype html><title>%[1]s</title>
	<input type="text" id="message"><input type="button" id="sendmessage" value="Send">
	<input type="hidden" id="displayname" value="%[1]s"><ul id="discussion"></ul>
`

// fenced is a block of code of a document.
var fenced = regexp.MustCompile("(?ms)^```[^\n]*\n(.*?)^```")

// connectedAppParts is the script of document 0, with its tags.
func connectedAppParts(t *testing.T) string {
	t.Helper()
	for _, block := range fenced.FindAllStringSubmatch(originals(t, "0-connected-app-parts.txt"), -1) {
		if strings.Contains(block[1], "<script") {
			return block[1]
		}
	}
	t.Fatal("the document has no script")
	return ""
}

// originalPart is an original page, as a person sees it.
type originalPart struct {
	*chromium.Frame
	t     *testing.T
	space string // between a name and its line
}

func newOriginalPart(t *testing.T, f *chromium.Frame, space string) *originalPart {
	t.Helper()
	f.Wait("the connection", `window.jQuery && $.connection && $.connection.hub && $.connection.hub.state === 1`)
	return &originalPart{f, t, space}
}

func (p *originalPart) say(text string) {
	p.t.Helper()
	p.Run(fmt.Sprintf(`$("#message").val(%s)`, quote(text)))
	p.Run(`document.getElementById("sendmessage").click()`)
	p.Wait("an empty box", `$("#message").val() === ""`)
}

// expect waits for the last line and expects exactly these.
func (p *originalPart) expect(lines ...spoken) {
	p.t.Helper()
	var want []string
	for _, l := range lines {
		want = append(want, l.name+":"+p.space+l.text)
	}
	const shown = `[...document.querySelectorAll("#discussion li")].map(e => e.textContent)`
	p.Wait("the line "+want[len(want)-1], shown+`.includes(`+quote(want[len(want)-1])+`)`)
	if got := chromium.Eval[[]string](p.Frame, shown); strings.Join(got, "\n") != strings.Join(want, "\n") {
		p.t.Errorf("the page shows %q, want %q", got, want)
	}
}

// spoken is a line of a chat.
type spoken struct{ name, text string }

// The spaces of the documents: 0 has them escaped once too often, and its page
// shows that.
const (
	spacesOfDocument0 = "&nbsp;&nbsp;"
	spacesOfDocument1 = "\u00a0\u00a0"
)

// A page of three parts, of another site: the original one, ours and one of the
// ASP.NET Core client. Each hears the other two, once, in order.
func TestOriginal_connectedAppParts(t *testing.T) {
	t.Parallel()
	script, coreClient := connectedAppParts(t), signalr(t)
	for _, c := range classicClients {
		for _, transport := range classicTransports {
			t.Run(c.version+" "+transport.server, func(t *testing.T) {
				pages := map[string]string{}
				host := site(t, pages)
				a := newApplication(t, c)
				one := a.page("ConnectedPartOne.aspx", fmt.Sprintf(originalBody, "Part Three")+script)
				a.mux.HandleFunc("GET /app/Scripts/signalr.js", func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/javascript")
					fmt.Fprint(w, coreClient)
				})
				core := a.page("Core.html", `<!doctype html><title>Core</title><script src="../Scripts/signalr.js"></script>
					<script>const HUB = "../hubs/connected"; `+npmPage+`</script>`)
				a.start(t, "--allow-host", host, "--transports", transport.server)
				pages["/"] = fmt.Sprintf(`<!doctype html><title>Host</title>
					<iframe title="Original" width=400 height=250 src="%s"></iframe>
					<iframe title="%s" width=400 height=250 src="%s/app/parts/two?scope=tenant"></iframe>
					<iframe title="Core" width=400 height=250 src="%s"></iframe>`, one, titleTwo, a.origin, core)

				page := chromium.Start(t, nil).Open(host + "/")
				original := newOriginalPart(t, page.Inside("Original", 0), spacesOfDocument0)
				ours, npm := framed(t, page, titleTwo, 0), page.Inside("Core", 0)
				npm.Wait("the connection", `connection.state === "Connected"`)
				if got := chromium.Eval[string](original.Frame, `$.connection.hub.transport.name`); got != transport.client {
					t.Errorf("the original's transport is %s, want %s", got, transport.client)
				}

				lines := []spoken{{"Part Three", hello}}
				expect := func() {
					t.Helper()
					original.expect(lines...)
					var all []string
					for _, l := range lines {
						all = append(all, l.name+": "+l.text)
					}
					ours.expect(all...)
					npm.Wait("the line", fmt.Sprintf(`said.length >= %d`, len(lines)))
					if got := chromium.Eval[[]string](npm, `said`); strings.Join(got, "\n") != strings.Join(all, "\n") {
						t.Errorf("the Core client has heard %q, want %q", got, all)
					}
				}
				original.say(hello)
				expect()
				ours.say("from a part in Go")
				lines = append(lines, spoken{speaksTwo, "from a part in Go"})
				expect()
				npm.Run(`connection.invoke("Send", "Core", "<b>from the Core client</b>")`)
				lines = append(lines, spoken{"Core", "<b>from the Core client</b>"})
				expect()
				for i := range 3 {
					original.say(fmt.Sprint("once more ", i))
					lines = append(lines, spoken{"Part Three", fmt.Sprint("once more ", i)})
					if transport.client != "webSockets" {
						expect() // a browser may send two requests in any order
					}
				}
				expect()
				for name, f := range map[string]*chromium.Frame{"the original": original.Frame, "ours": ours.Frame, "the Core page": npm} {
					for _, complaint := range f.Complaints() {
						if transport.client == "longPolling" && strings.Contains(complaint, "400 (Bad Request) "+a.origin+"/app/signalr/connect?transport=serverSentEvents") {
							continue // how the client learns that it may not
						}
						t.Errorf("in %s the browser complains: %s", name, complaint)
					}
				}
			})
		}
	}
}
