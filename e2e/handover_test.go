package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// coreTicketPage is a page of ASP.NET Core SignalR with a ticket as its token.
const coreTicketPage = `<!doctype html><title>Core</title><script src="/signalr.js"></script><script>
	const said = []
	let problem = ""
	const connection = new signalR.HubConnectionBuilder()
		.withUrl("HUB/hubs/connected?room=a%26b", { accessTokenFactory: () => "TICKET", transport: signalR.HttpTransportType.TRANSPORT }).build()
	connection.on("broadcastMessage", (name, message) => { said.push(name + ": " + message) })
	connection.start().then(() => connection.invoke("Send", "page", "hi")).catch(e => { problem = String(e) })
</script>`

// classicTicketPage is one of jQuery SignalR 2, which has its token in its query.
const classicTicketPage = `<!doctype html><title>SignalR 2</title><script src="/JQUERY"></script><script src="/SIGNALR"></script><script>
	const said = []
	let problem = ""
	const connection = $.hubConnection("HUB/signalr", { useDefaultPath: false, qs: { access_token: "TICKET", room: "a&b" } })
	const chat = connection.createHubProxy("chatHub")
	chat.on("broadcastMessage", (name, message) => { said.push(name + ": " + message) })
	connection.start({ transport: "TRANSPORT" })
		.done(() => chat.invoke("Send", "page", "hi").fail(e => { problem = String(e) }))
		.fail(e => { problem = (e.source?.responseText ?? e.context?.responseText) || String(e) })
</script>`

// Unmodified clients bring a ticket as the token that they can have, are sent to
// where they are, and are who the ticket says; the ticket is good for one of them.
func TestHandover_unmodifiedClients(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"/signalr.js":     signalr(t),
		"/jquery-3.js":    fromNPM(t, "jquery", "dist", "jquery.js"),
		"/signalr-2.4.js": fromNPM(t, "signalr", "jquery.signalR.js"),
		"/jquery-1.js":    fromNPM(t, "jquery-1.7", "tmp", "jquery.js"),
		"/signalr-2.2.js": fromNPM(t, "signalr-2.2", "jquery.signalR.js"),
	}
	host := site(t, pages)
	dir := t.TempDir()
	tenants, data := filepath.Join(dir, "tenants.yaml"), filepath.Join(dir, "data")
	file := fmt.Sprintf("tenants:\n  contoso:\n    hosts: [%s]\n    guests: nobody\n", host)
	if err := os.WriteFile(tenants, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	s := partline.Start(t, binary, "--tenants", tenants, "--data", data)
	b := chromium.Start(t, nil)
	open := func(page, transport string) (p *chromium.Page, ticket string) {
		t.Helper()
		mint := exec.CommandContext(t.Context(), binary, "ticket", "--tenant", "contoso", "--user", "ann", "--name", "Ann", "--data", data)
		out, err := mint.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		ticket = strings.TrimSpace(string(out))
		pages["/"] = strings.NewReplacer("HUB", s.URL, "TICKET", ticket, "TRANSPORT", transport).Replace(page)
		return b.Open(host + "/"), ticket
	}
	newer := strings.NewReplacer("JQUERY", "jquery-3.js", "SIGNALR", "signalr-2.4.js").Replace(classicTicketPage)
	older := strings.NewReplacer("JQUERY", "jquery-1.js", "SIGNALR", "signalr-2.2.js").Replace(classicTicketPage)
	for _, c := range []struct{ name, page, transport string }{
		{"Core", coreTicketPage, "WebSockets"}, {"Core", coreTicketPage, "ServerSentEvents"}, {"Core", coreTicketPage, "LongPolling"},
		{"SignalR 2.4.3", newer, "webSockets"}, {"SignalR 2.4.3", newer, "serverSentEvents"}, {"SignalR 2.4.3", newer, "longPolling"},
	} {
		t.Run(c.name+" over "+c.transport, func(t *testing.T) {
			p, ticket := open(c.page, c.transport)
			p.Wait("to hear itself", `said.length > 0 || problem !== ""`)
			if got := chromium.Eval[string](p.Frame, `said.join() + problem`); got != "Ann · page: hi" {
				t.Errorf("it heard %s", got)
			}
			p.Reload()
			p.Wait("the reason", `problem !== ""`)
			if got := chromium.Eval[string](p.Frame, `problem`); !strings.Contains(got, "[ticket-spent] This ticket was used before.") {
				t.Errorf("with the same ticket once more: %s", got)
			}
			for _, secret := range []string{ticket, "ps1."} {
				if strings.Contains(s.Log(), secret) {
					t.Errorf("%s is in the log", secret)
				}
			}
		})
	}
	t.Run("SignalR 2.2.1 is told in words", func(t *testing.T) {
		p, _ := open(older, "longPolling")
		p.Wait("the reason", `problem !== ""`)
		if got := chromium.Eval[string](p.Frame, `problem`); !strings.Contains(got, "use SignalR 2.4 or newer") {
			t.Errorf("it heard %s", got)
		}
	})
}
