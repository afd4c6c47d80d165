package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
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

// nginxProgram is Debian's, which is in no ordinary user's PATH.
const nginxProgram = "/usr/sbin/nginx"

// docsNginx is what docs/nginx.conf holds, each of it to be found there.
var docsNginx = struct{ address, certificate, key, name, upstream string }{
	"listen 443 ssl http2;",
	"/etc/ssl/example.org/fullchain.pem",
	"/etc/ssl/example.org/privkey.pem",
	"server_name example.org;",
	"proxy_pass http://localhost:8080/;",
}

// startNginx serves https at addr, as docs/nginx.conf does, for the server at
// upstream; it takes the prefix off or leaves it on.
func startNginx(t *testing.T, addr, upstream string, cert *certificate, strip bool) {
	t.Helper()
	content, err := os.ReadFile("../docs/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	to := upstream
	if strip {
		to += "/"
	}
	server := string(content)
	for documented, here := range map[string]string{
		docsNginx.address:     "listen " + addr + " ssl http2;",
		docsNginx.certificate: cert.file,
		docsNginx.key:         cert.key,
		docsNginx.name:        "server_name localhost;",
		docsNginx.upstream:    "proxy_pass " + to + ";",
	} {
		if strings.Count(server, documented) != 1 {
			t.Fatalf("docs/nginx.conf does not have %q once", documented)
		}
		server = strings.Replace(server, documented, here, 1)
	}
	dir := t.TempDir()
	var temp strings.Builder
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "%s_temp_path %s;\n", name, filepath.Join(dir, name))
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n" // its workers could not read the folder of the test
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(user+`daemon off;
pid `+filepath.Join(dir, "pid")+`;
worker_processes 1;
error_log stderr warn;
events { }
http {
access_log off;
`+temp.String()+server+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := process.Command(ctx, 10*time.Second, nginxProgram, "-c", file, "-p", dir, "-e", "stderr")
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; make test installs nginx, or: sudo apt-get install -y nginx-light", err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was told to end
	})
	awaitListener(t, addr)
}

// awaitListener waits until somebody listens at addr.
func awaitListener(t *testing.T, addr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("nobody listens at %s", addr)
		}
	}
}

// behindNginx is a server behind nginx, with TLS and a prefix.
type behindNginx struct {
	url    string // public, without a slash at its end
	cert   *certificate
	server *partline.Server
	host   string // the origin of a site that may show the parts
	pages  map[string]string
}

func startBehindNginx(t *testing.T, strip bool, flags ...string) *behindNginx {
	t.Helper()
	b := &behindNginx{cert: newCertificate(t), pages: map[string]string{}}
	b.host = site(t, b.pages)
	addr := partline.FreeAddr(t, "localhost")
	b.url = "https://" + addr + "/apps"
	b.server = partline.Start(t, binary, append([]string{
		"--public-url", b.url, "--allow-host", b.host, "--trusted-proxy", "127.0.0.1", "--trusted-proxy", "::1",
	}, flags...)...)
	startNginx(t, addr, b.server.URL, b.cert, strip)
	return b
}

var prefixWays = []struct {
	name  string
	strip bool
}{{"the prefix taken off", true}, {"the prefix left on", false}}

var transportNames = []string{"WebSockets", "ServerSentEvents", "LongPolling"}

func TestNginx_partsOverEachTransport(t *testing.T) {
	t.Parallel()
	for _, way := range prefixWays {
		for _, transport := range transportNames {
			t.Run(way.name+", "+transport, func(t *testing.T) {
				b := startBehindNginx(t, way.strip, "--transports", transport)
				b.pages["/"] = `<!doctype html><title>Intranet</title>
					<iframe title="` + titleOne + `" src="` + b.url + `/parts/one"></iframe>
					<iframe title="` + titleTwo + `" src="` + b.url + `/parts/two"></iframe>`
				page := chromium.Start(t, &chromium.Options{TrustKeys: []string{b.cert.spki}}).Open(b.host + "/")
				one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
				one.say("through the proxy")
				one.expect(speaksOne + ": through the proxy")
				two.expect(speaksOne + ": through the proxy")
				two.say("and back")
				one.expect(speaksOne+": through the proxy", speaksTwo+": and back")
				for _, c := range page.Complaints() {
					t.Errorf("the browser complains: %s", c)
				}
			})
		}
	}
}

func TestNginx_npmOverEachTransport(t *testing.T) {
	for _, way := range prefixWays {
		t.Run(way.name, func(t *testing.T) {
			b := startBehindNginx(t, way.strip)
			t.Setenv("NODE_EXTRA_CA_CERTS", b.cert.file)
			for _, transport := range transportNames {
				node := startNode(t, b.url+"/hubs/connected", transport)
				node.expect(said{State: "connected"})
				node.tell("Send", "Node", "over "+transport)
				node.expect(said{Event: []string{"Node", "over " + transport}})
				node.expect(said{Result: json.RawMessage("null")})
				node.end()
			}
		})
	}
}

// Every page that can be reached from the start page is at the public address, the
// installed app included.
func TestNginx_pagesAndTheInstalledApp(t *testing.T) {
	t.Parallel()
	for _, way := range prefixWays {
		t.Run(way.name, func(t *testing.T) {
			b := startBehindNginx(t, way.strip)
			page := chromium.Start(t, &chromium.Options{TrustKeys: []string{b.cert.spki}}).Open(b.url + "/")
			page.WaitForWorker()
			if wrong := page.InstallabilityErrors(); len(wrong) > 0 {
				t.Errorf("it cannot be installed: %q", wrong)
			}
			scope := chromium.Eval[string](page.Frame, `navigator.serviceWorker.ready.then(r => r.scope)`)
			if scope != b.url+"/" {
				t.Errorf("the service worker answers for %s", scope)
			}
			links := chromium.Eval[[]string](page.Frame, `[...document.querySelectorAll("a")].map(a => a.href)`)
			if !slices.Contains(links, b.url+"/parts/one") {
				t.Errorf("the list leads to %q", links)
			}
			page.Go(b.url + "/parts/one")
			part := top(t, page)
			part.say("hello")
			part.expect(speaksOne + ": hello")
			if all := chromium.Eval[string](part.Frame, `document.querySelector(".part-link-all").href`); all != b.url+"/" {
				t.Errorf("from a part the others are at %s", all)
			}
		})
	}
}
