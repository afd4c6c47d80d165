package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// docsBlock is the one block of that language on the page about SignalR 2.
func docsBlock(t *testing.T, page, language string) string {
	t.Helper()
	blocks := strings.Split(page, "\n```"+language+"\n")
	if len(blocks) != 2 {
		t.Fatalf("the page has %d blocks of %s, not 1", len(blocks)-1, language)
	}
	block, _, _ := strings.Cut(blocks[1], "\n```\n")
	return block + "\n"
}

// Who does what the ten lines say has the chat.
func TestDocs_moveASignalR2Page(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../docs/signalr2.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	steps, _, _ := strings.Cut(text, "\n## ")
	if n := len(regexp.MustCompile(`(?m)^\d+\. `).FindAllString(steps, -1)); n != 10 {
		t.Errorf("it takes %d lines, not 10", n)
	}
	command := regexp.MustCompile("`bin/partline serve ([^`]*)`").FindStringSubmatch(steps)
	if command == nil {
		t.Fatalf("no line starts the server:\n%s", steps)
	}
	hubs := filepath.Join(t.TempDir(), "hubs.yaml")
	if err := os.WriteFile(hubs, []byte(docsBlock(t, text, "yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	host := site(t, pages)
	flags := strings.NewReplacer("hubs.yaml", hubs, "https://intranet.example", host).Replace(command[1])
	s := partline.Start(t, binary, strings.Fields(flags)...)

	pages["/Scripts/jquery-3.7.1.min.js"] = fromNPM(t, "jquery", "dist", "jquery.min.js")
	pages["/Scripts/jquery.signalR-2.4.3.min.js"] = fromNPM(t, "signalr", "jquery.signalR.min.js")
	script := ""
	for line := range strings.Lines(docsBlock(t, text, "diff")) {
		if line[0] != '-' {
			script += line[1:]
		}
	}
	if !strings.Contains(script, "http://localhost:8080/") || !strings.Contains(steps, "http://localhost:8080/chat/signalr/hubs") {
		t.Fatalf("it does not say where the hub is:\n%s", script)
	}
	pages["/"] = `<!doctype html><title>Chat</title><input id="displayname" value="Ann"><input id="message">
		<button id="sendmessage">Send</button><ul id="discussion"></ul>` + strings.ReplaceAll(script, "http://localhost:8080", s.URL)
	b := chromium.Start(t, nil)
	ann, bob := b.Open(host+"/"), b.Open(host+"/")
	people := []*chromium.Page{ann, bob}
	for _, p := range people {
		p.Wait("the connection", `$._data($("#sendmessage")[0], "events") !== undefined`)
	}
	for i, p := range people {
		p.Run(fmt.Sprintf(`$("#message").val("line %d"); $("#sendmessage").click()`, i+1))
		for _, hears := range people {
			hears.Wait("the line", fmt.Sprintf(`$("#discussion li").length === %d && $("#discussion li:last").text() === "Ann: line %d"`, i+1, i+1))
		}
	}
	for _, p := range people {
		for _, c := range p.Complaints() {
			t.Errorf("the browser complains: %s", c)
		}
	}
}
