package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// A page that lets nothing run but scripts of the hub's origin loads the generated
// script, connects over each transport, calls and hears.
func TestClassic_strictContentSecurityPolicy(t *testing.T) {
	t.Parallel()
	for _, c := range classicClients {
		t.Run(c.version, func(t *testing.T) {
			pages := map[string]string{}
			host := site(t, pages)
			a := newApplication(t, c)
			a.start(t, "--allow-host", host)
			a.mux.HandleFunc("GET /app/Scripts/page.js", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/javascript")
				fmt.Fprint(w, `
					window.said = []
					window.refused = []
					addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample))
					const hub = document.currentScript.dataset.hub
					window.over = async (transport) => {
						const connection = $.hubConnection(hub, { useDefaultPath: false })
						const { chatHub } = connection.createHubProxies()
						chatHub.client.broadcastMessage = (name, message) => said.push(name + ": " + message)
						await connection.start({ transport })
						await chatHub.server.send(transport, "hello")
						while (!said.includes(transport + ": hello")) await new Promise((soon) => setTimeout(soon, 10))
						const { name } = connection.transport
						connection.stop()
						return name
					}`)
			})
			policy := fmt.Sprintf("default-src 'none'; script-src %[1]s; connect-src %[1]s %[2]s", a.origin, strings.Replace(a.origin, "http:", "ws:", 1))
			pages["/"] = fmt.Sprintf(`<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="%[1]s"><title>strict</title>
				<script src="%[2]s%[3]s"></script><script src="%[2]s%[4]s"></script><script src="%[2]s/app/signalr/hubs"></script>
				<script src="%[2]s/app/Scripts/page.js" data-hub="%[2]s/app/signalr"></script></head><body></body></html>`,
				policy, a.origin, pathOfJQuery, pathOfClient)
			page := chromium.Start(t, nil).Open(host + "/")
			for _, transport := range classicTransports {
				if got := chromium.Eval[string](page.Frame, `over(`+quote(transport.client)+`)`); got != transport.client {
					t.Errorf("over %s the transport is %s", transport.client, got)
				}
			}
			// jQuery 1.7 tries styles of its own, which is no script.
			tried := func(what string) bool { return c.version == "2.2.1" && strings.Contains(what, "style") }
			for _, what := range slices.Concat(chromium.Eval[[]string](page.Frame, `refused`), page.Complaints()) {
				if !tried(what) {
					t.Errorf("the browser complains: %s", what)
				}
			}
		})
	}
}

// What may be sent, and is answered.
type grownText struct{ Text string }

// A method that is added to an API can be called by a page with no other edit.
func TestClassic_aMethodThatIsAdded(t *testing.T) {
	t.Parallel()
	grown := contract.NewHub("grown", contract.ClassicName("grownHub"))
	echo := contract.NewMethod[grownText, string](grown, "Echo")
	added := contract.NewMethod[grownText, string](grown, "AddedLater")
	answer := func(_ *hub.Context, t grownText) (string, error) { return t.Text, nil }
	for _, c := range classicClients {
		for name, serve := range map[string]func() *hub.Mux{
			"echo": func() *hub.Mux {
				m := hub.New(contract.NewAPI(grown, echo))
				hub.Handle(m, echo, answer)
				return m
			},
			"addedLater echo": func() *hub.Mux {
				m := hub.New(contract.NewAPI(grown, echo, added))
				hub.Handle(m, echo, answer)
				hub.Handle(m, added, answer)
				return m
			},
		} {
			t.Run(c.version+" "+name, func(t *testing.T) {
				a := newApplication(t, c)
				a.serveHub(t, serve())
				page := chromium.Start(t, nil).Open(a.page("grown.html", `<!doctype html><title>Grown</title>
					<script src="../Scripts/jquery.js"></script><script src="../Scripts/jquery.signalR-2.1.2.min.js"></script>
					<script src="../signalr/hubs"></script>`))
				got := chromium.Eval[[]string](page.Frame, `Object.keys($.connection.grownHub.server).sort()`)
				if want := strings.Fields(name); !slices.Equal(got, want) {
					t.Fatalf("the page can call %q, want %q", got, want)
				}
				page.Run(`new Promise((done, fail) => $.connection.hub.start().done(() => done()).fail(fail))`)
				for _, method := range got {
					call := fmt.Sprintf(`new Promise((f) => $.connection.grownHub.server.%s("said").done(f).fail((e) => f(e.message)))`, method)
					if said := chromium.Eval[string](page.Frame, call); said != "said" {
						t.Errorf("%s answers %q", method, said)
					}
				}
			})
		}
	}
}
