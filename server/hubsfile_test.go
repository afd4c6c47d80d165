package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/internal/testkit/program"
	"partline.dev/server"
	"partline.dev/server/chat"
	"partline.dev/server/hub"
)

// hubsFile is a file that declares hubs.
func hubsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hubs.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const threeChats = `hubs:
  mvc:
    classic: chatHub
    at: /mvc/signalr
    methods:
      Send: {arguments: [name, message], publish: addNewMessageToPage, to: all}
  sales:
    classic: chatHub
    at: [/sales/signalr, /shop]
    methods:
      Send: {arguments: [message], publish: said, to: all}
  stock:
    at: /shop
    methods:
      Count: {arguments: [n: integer], publish: counted, to: others}
  status:
    methods:
      Report: {publish: reported, to: all, with: [1]}
`

func TestHubsFile_whereTheHubsAre(t *testing.T) {
	h := serve(t, func(o *server.Options) { o.HubsFile = hubsFile(t, threeChats) })
	for path, want := range map[string][]string{
		"/signalr/hubs":       {`$.hubConnection("/signalr"`, `add("chatHub"`, `add("status"`, `"report"`},
		"/mvc/signalr/hubs":   {`$.hubConnection("/mvc/signalr"`, `add("chatHub"`, `"send"`, `"Send"`},
		"/sales/signalr/hubs": {`$.hubConnection("/sales/signalr"`, `add("chatHub"`},
		"/shop/hubs":          {`add("chatHub"`, `add("stock"`, `"count"`},
		"/hubs/status/hubs":   {`add("status"`},
	} {
		got := ask(t, h, http.MethodGet, path)
		for _, part := range want {
			if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), part) {
				t.Errorf("%s: %d, there is no %s in\n%s", path, got.Code, part, got.Body)
			}
		}
	}
	for path, want := range map[string]string{
		"/hubs/mvc":       "availableTransports",
		"/hubs/sales":     "availableTransports",
		"/hubs/stock":     "availableTransports",
		"/hubs/status":    "availableTransports",
		"/hubs/connected": "availableTransports",
		"/hubs/chat":      "availableTransports",
		"/mvc/signalr":    "availableTransports",
		"/sales/signalr":  "availableTransports",
		"/shop":           ": sales at /hubs/sales, /sales/signalr; stock at /hubs/stock.",
		"/signalr":        ": connected at /hubs/connected; chat at /hubs/chat; status at /hubs/status.",
	} {
		if got := ask(t, h, http.MethodPost, path+"/negotiate"); !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

// Mistakes that only the server can know are named by line too.
func TestHubsFile_mistakesByLine(t *testing.T) {
	file := hubsFile(t, `hubs:
  Connected:
    at: /a
    methods: {M: {result: 1}}
  one:
    at: [/healthz/x, no, /b/, /c/negotiate, /b//c, /signalr/send]
    methods: {M: {result: 1}}
  two:
    classic: version
    at: /d
    methods: {M: {result: 1}}
  negotiate:
    at: /e
    methods: {M: {result: 1}}
`)
	want := []string{
		":2: the built-in hub connected has that name, in which case means nothing; give this one another, and classic: Connected if pages know it so",
		`:6: no hub can be at "/healthz/x": the server itself answers there`,
		`:6: no hub can be at "no": it starts with a slash, names something and ends without one`,
		`:6: no hub can be at "/b/": it starts with a slash, names something and ends without one`,
		`:6: no hub can be at "/c/negotiate": the server itself answers there`,
		`:6: no hub can be at "/b//c": it is made of plain names between single slashes`,
		`:6: no hub can be at "/signalr/send": clients of the hubs at /signalr ask there; choose another path`,
		":9: to jQuery pages version is something of the client's own; give this hub another name there by classic:",
		`:12: no hub can be at "/hubs/negotiate": the server itself answers there`,
	}
	for i, line := range want {
		want[i] = file + line
	}
	if _, err := server.DeclaredHubs(file); err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
	_, err := server.New(server.Options{App: program.Built(), HubsFile: file})
	if err == nil || err.Error() != "the hubs that --hubs declares:\n"+strings.Join(want, "\n") {
		t.Errorf("%v", err)
	}
	if _, err := server.New(server.Options{App: program.Built(), HubsFile: file + "x"}); err == nil || !strings.HasPrefix(err.Error(), "--hubs: open ") {
		t.Errorf("of a file that is not there: %v", err)
	}
}

// Hubs and mounts of a program are beside those of a file.
func TestHubsFile_besideHubsOfAProgram(t *testing.T) {
	mine := named("mine", "")
	file := hubsFile(t, "hubs:\n  chatHub:\n    at: /Mine\n    methods: {M: {result: 1}}\n  MINE:\n    methods: {M: {result: 1}}\n")
	o := server.Options{App: program.Built(), HubsFile: file, Mounts: []server.Mount{{Path: "/mine", Hubs: []*hub.Mux{mine}}}}
	_, err := server.New(o)
	if want := "the hubs that --hubs declares:\n" + file + ":3: /Mine is the address of the built-in hub mine\n" +
		file + ":5: the built-in hub mine has that name"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v", err)
	}
	// A mount at /signalr says which hubs are there.
	own := named("own", "chatHub")
	h := serve(t, func(o *server.Options) {
		o.HubsFile = hubsFile(t, "hubs: {chatHub: {methods: {M: {result: 1}}}}")
		o.Mounts = []server.Mount{{Path: "/SignalR", Hubs: []*hub.Mux{own}}}
	})
	if got := ask(t, h, http.MethodPost, "/hubs/chathub/negotiate"); got.Code != http.StatusOK {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := ask(t, h, http.MethodGet, "/signalr/hubs"); strings.Count(got.Body.String(), "add(\"") != 1 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}

// At the address of all hubs one of a file takes the place of a built-in one that
// pages know by the same name: a page that names nothing else finds its own hub.
func TestHubsFile_atTheAddressOfAllHubs(t *testing.T) {
	for name, at := range map[string]string{"said": "\n    at: /signalr", "not said": ""} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, func(o *server.Options) {
				o.HubsFile = hubsFile(t, "hubs:\n  chatHub:"+at+"\n    methods: {Shout: {publish: shouted, to: all}}\n  more: {methods: {M: {result: 1}}}\n")
			})
			got := ask(t, h, http.MethodGet, "/signalr/hubs").Body.String()
			if strings.Count(got, "add(\"chatHub\"") != 1 || !strings.Contains(got, `"shout"`) || !strings.Contains(got, `add("more"`) {
				t.Errorf("the script is\n%s", got)
			}
			if got := ask(t, h, http.MethodGet, "/hubs/connected/hubs").Body.String(); !strings.Contains(got, `"send"`) {
				t.Errorf("the built-in hub is not where it was:\n%s", got)
			}
		})
	}
}

// A file may have a hub of its own that is called chat, or is where that one is: it is
// there and the built-in one is not.
func TestHubsFile_besideTheChat(t *testing.T) {
	for name, hubs := range map[string]string{
		"its name":    "hubs: {chat: {methods: {Shout: {result: 1}}}}",
		"in any case": "hubs: {Chat: {methods: {Shout: {result: 1}}}}",
		"its address": "hubs: {mine: {at: /hubs/Chat, methods: {Shout: {result: 1}}}}",
	} {
		t.Run(name, func(t *testing.T) {
			file := hubsFile(t, hubs)
			h := serve(t, func(o *server.Options) { o.HubsFile = file })
			for _, path := range []string{"/hubs/chat/hubs", "/signalr/hubs"} {
				if path == "/signalr/hubs" && name == "its address" {
					continue // a hub with an address is not at that of all
				}
				if got := ask(t, h, http.MethodGet, path).Body.String(); !strings.Contains(got, `"shout"`) || strings.Contains(got, `"post"`) {
					t.Errorf("the script of %s is\n%s", path, got)
				}
			}
			if _, err := server.DeclaredHubs(file); err != nil {
				t.Error(err)
			}
			// A program's own hub of that name does not give way.
			own := server.Options{HubsFile: file, Hubs: []*hub.Mux{chat.New(nil)}}
			if _, err := server.New(own); err == nil {
				t.Error("a hub that a program has given is gone without a word")
			}
		})
	}
	if got := ask(t, serve(t, nil), http.MethodGet, "/hubs/chat/hubs").Body.String(); !strings.Contains(got, `"post"`) {
		t.Errorf("without a file the script is\n%s", got)
	}
}

// The examples of --dev give way to hubs that have their addresses or names.
func TestHubsFile_besideExamples(t *testing.T) {
	h := serve(t, func(o *server.Options) {
		o.Dev = true
		o.HubsFile = hubsFile(t, `hubs:
  chatHub:
    at: /mvc/signalr
    methods:
      Shout: {publish: shouted, to: all}
`)
	})
	got := ask(t, h, http.MethodGet, "/mvc/signalr/hubs")
	if text := got.Body.String(); got.Code != http.StatusOK || !strings.Contains(text, `"shout"`) || strings.Contains(text, `"send"`) {
		t.Errorf("%d\n%s", got.Code, text)
	}
	if got := ask(t, h, http.MethodPost, "/chat/negotiate"); got.Code != http.StatusOK {
		t.Errorf("the other example: %d %s", got.Code, got.Body)
	}
}

// What the pages of docs show is right beside the built-in hubs.
func TestHubsFile_ofTheDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/declared-hubs.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "\n```yaml\n")[1:]
	if len(blocks) < 4 {
		t.Errorf("there are %d files in docs/declared-hubs.md", len(blocks))
	}
	for _, rest := range blocks {
		text, _, _ := strings.Cut(rest, "\n```\n")
		if hubs, err := server.DeclaredHubs(hubsFile(t, text)); err != nil || len(hubs) == 0 {
			t.Errorf("%v\n%s", err, text)
		}
	}
}
