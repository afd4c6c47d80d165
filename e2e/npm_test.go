package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/process"
	"partline.dev/internal/testkit/partline"
)

// fromNPM reads a file that make test brings from npm.
func fromNPM(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"npm", "node_modules"}, path...)...))
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the npm packages are not there; make test installs them, or: npm ci --prefix e2e/npm")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// signalr is the browser build of the unmodified npm client.
func signalr(t *testing.T) string {
	t.Helper()
	return fromNPM(t, "@microsoft", "signalr", "dist", "browser", "signalr.js")
}

// The npm client in a page: said is what it has heard.
const npmPage = `
	const said = []
	const connection = new signalR.HubConnectionBuilder().withUrl(HUB).build()
	connection.on("broadcastMessage", (name, message) => { said.push(name + ": " + message) })
	const started = connection.start()
`

func TestNPM_inNode(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	part := top(t, chromium.Start(t, nil).Open(s.URL+"/parts/one"+forEveryone))
	node := startNode(t, s.URL+"/hubs/connected")
	node.expect(said{State: "connected"})

	node.tell("Send", "Node", "hello from npm")
	node.expect(said{Event: []string{"Node", "hello from npm"}})
	node.expect(said{Result: json.RawMessage("null")})
	part.expect("Node: hello from npm")

	part.say("hello from a part")
	node.expect(said{Event: []string{speaksOne, "hello from a part"}})

	node.tell("Send", "only one")
	node.expect(said{Error: "Failed to invoke 'Send' due to an error on the server."})
	node.tell("NoSuchMethod")
	node.expect(said{Error: "Unknown hub method 'NoSuchMethod'"})
	node.end()
}

func TestNPM_inChromiumOfAnotherSite(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"/signalr.js": signalr(t)}
	host := site(t, pages)
	s := partline.Start(t, binary, "--allow-host", host)
	pages["/"] = `<!doctype html><title>npm</title><script src="/signalr.js"></script>
		<script>const HUB = "` + s.URL + `/hubs/connected"; ` + npmPage + `</script>`
	b := chromium.Start(t, nil)
	talkInPage(t, s, b, b.Open(host+"/"))
}

func TestNPM_inChromiumOfTheHubsOwnSite(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	b := chromium.Start(t, nil)
	page := b.Open(s.URL + "/")
	page.Run(signalr(t))
	page.Run(`const HUB = "/hubs/connected"; ` + npmPage)
	talkInPage(t, s, b, page)
}

// talkInPage has the page's npm client and a part hear each other.
func talkInPage(t *testing.T, s *partline.Server, b *chromium.Browser, page *chromium.Page) {
	t.Helper()
	part := top(t, b.Open(s.URL+"/parts/two"+forEveryone))
	page.Run(`started`)
	page.Run(`connection.invoke("Send", "Page", "hello from npm")`)
	part.expect("Page: hello from npm")
	part.say("hello from a part")
	page.Wait("the part's line", `said.length > 1`)
	want := []string{"Page: hello from npm", speaksTwo + ": hello from a part"}
	if got := chromium.Eval[[]string](page.Frame, `said`); !slices.Equal(got, want) {
		t.Errorf("the npm client heard %q, want %q", got, want)
	}
	for _, c := range page.Complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

// said is one line of client.mjs.
type said struct {
	State  string          `json:"state,omitempty"`
	Event  []string        `json:"event,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// node is client.mjs in a process of its own.
type node struct {
	t     *testing.T
	in    io.WriteCloser
	lines *bufio.Scanner
	wait  func() error
}

// startNode connects the npm client to hub: over any transport, or over the one
// that is named, and with the bearer token that is named behind that.
func startNode(t *testing.T, hub string, transportAndToken ...string) *node {
	t.Helper()
	fromNPM(t, "@microsoft", "signalr", "package.json")
	ctx, cancel := context.WithTimeout(context.Background(), cellGuard)
	t.Cleanup(cancel)
	cmd := process.Command(ctx, time.Second, "node", append([]string{"client.mjs", hub}, transportAndToken...)...)
	cmd.Dir, cmd.Stderr = "npm", t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, in: in, lines: bufio.NewScanner(out), wait: func() error { return cmd.Wait() }}
	t.Cleanup(func() {
		if n.wait != nil {
			cancel()
			_ = n.wait() // it was killed
		}
	})
	return n
}

// tell has the client invoke a method.
func (n *node) tell(method string, args ...string) {
	n.t.Helper()
	if args == nil {
		args = []string{}
	}
	line, err := json.Marshal(map[string]any{"invoke": method, "args": args})
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := n.in.Write(append(line, '\n')); err != nil {
		n.t.Fatal(err)
	}
}

// expect reads the client's next line.
func (n *node) expect(want said) {
	n.t.Helper()
	if !n.lines.Scan() {
		n.t.Fatalf("the npm client ended: %v", n.lines.Err())
	}
	wanted, err := json.Marshal(want)
	if err != nil {
		n.t.Fatal(err)
	}
	if got := n.lines.Text(); got != string(wanted) {
		n.t.Errorf("the npm client says %s, want %s", got, wanted)
	}
}

// expectClosed waits until the hub has closed the client, for a reason with the words.
func (n *node) expectClosed(words string) {
	n.t.Helper()
	for n.lines.Scan() {
		var s said
		if err := json.Unmarshal(n.lines.Bytes(), &s); err != nil {
			n.t.Fatalf("%q: %v", n.lines.Text(), err)
		}
		if s.State == "closed" {
			if !strings.Contains(s.Error, words) {
				n.t.Errorf("the npm client is closed with %q, not %q", s.Error, words)
			}
			return
		}
	}
	n.t.Errorf("the npm client ended: %v", n.lines.Err())
}

// end closes the client and expects a clean end.
func (n *node) end() {
	n.t.Helper()
	n.in.Close()
	n.expect(said{State: "closed"})
	wait := n.wait
	n.wait = nil
	if err := wait(); err != nil {
		n.t.Errorf("the npm client ended with %v", err)
	}
}
