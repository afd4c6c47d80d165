package arch_test

import (
	"slices"
	"strings"
	"testing"
)

// A rule says what a package may import beyond the standard library. The first
// rule that fits a package holds.
type rule struct {
	pkg string   // without partline.dev/
	may []string // patterns; those of ours begin with ~/
	why string
}

const goApp = "github.com/maxence-charriere/go-app/v10/pkg/app"

var rules = []rule{
	{"shared/contract/...", []string{"~/shared/contract"}, "both ends import the contract, so it drags nothing along"},
	{"shared/wire", []string{"~/shared/contract"}, "it is in every browser's program"},
	{"shared/...", []string{"~/shared/contract"}, "a hub's contract is names and types, nothing else"},

	{"server/hub", []string{"~/shared/access", "~/shared/contract", "~/shared/wire"}, "the core runs where there are no sockets, too"},
	{"server/hubtest", []string{"~/server/hub", "~/shared/access", "~/shared/contract", "~/shared/wire"}, "a user's tests need the core and no network"},
	{"server/linktest", []string{"~/server/hub", "~/shared/contract", "~/shared/wire"}, "links of every kind are held to it, so it knows none"},
	{"server/origin", nil, "whose page may do something is asked the same way everywhere"},
	{"server/handshake", []string{"~/server/hub", "~/shared/access", "~/shared/wire"}, "a connection begins in the same way on every kind of link"},
	{"server/chat", []string{"~/server/history", "~/server/hub", "~/shared/access", "~/shared/chat", "~/shared/contract"}, "a built-in hub is written as a user's is"},
	{"server/history/...", []string{"~/server/history"}, "it knows records, not what they say"},
	{"server/edge/room", []string{"~/server/edge/inside", "~/server/grants", "~/server/handshake", "~/server/history", "~/server/hub", "~/server/keys", "~/server/tenants", "~/shared/access", "~/shared/contract", "~/shared/wire"}, "a room is the core and what it remembers; whatever is outside is its object's"},
	{"server/edge/room/roomtest", []string{"~/server/edge/room"}, "it is an object for tests of rooms"},
	{"server/edge/cmd/room", []string{"~/server/chat", "~/server/connected", "~/server/edge/room", "~/server/history", "~/server/hub"}, "a room of other hubs is a program like this one"},
	{"server/edge/worker", nil, "it is files, for whoever builds and runs the Workers"},
	{"server/edge/bundle", []string{"~/server/edge/worker", "~/web", "~/web/gowasm"}, "it builds Workers, whatever their programs do"},
	{"server/edge/local", nil, "it runs Workers, whatever they are made of"},
	{"server/edge/cmd/edge", []string{"~/server", "~/server/edge/bundle", "~/server/edge/local", "~/server/edge/prerender", "~/server/keys", "github.com/alecthomas/kong"}, "a command is flags over packages"},
	{"server/edge/inside", []string{"~/server/hub", "~/shared/access"}, "what two programs say to each other is types"},
	{"server/front", []string{"~/server/hub", "~/server/origin", "~/shared/access", "~/shared/contract", "~/shared/wire"}, "it asks who is there, where there are no sockets, too"},
	{"server/edge/gateway", []string{"~/app/address", "~/server/auth", "~/server/edge/inside", "~/server/front", "~/server/hub", "~/server/keys", "~/server/origin", "~/server/page", "~/server/tenants", "~/shared/access", "~/shared/contract"}, "what it decides is decided as at home, without sockets"},
	{"server/edge/prerender", []string{"~/server", "~/server/edge/gateway", "~/app/address", "~/app/part", "~/app/parts", "~/app/ui"}, "pages are rendered by the server that shows them elsewhere"},
	{"server/edge/cmd/gateway", []string{"~/server/auth", "~/server/edge/gateway", "~/server/front", "~/server/keys", "~/server/page", "~/server/tenants", "github.com/syumai/workers/..."}, "the program is bindings over package gateway"},
	{"server/page", []string{"~/app/address", "~/server/front", "~/server/origin", "~/server/tenants"}, "pages have the same headers, whoever has rendered them"},
	{"server/transport", []string{"~/server/front", "~/server/handshake", "~/server/hub", "~/server/origin", "~/shared/access", "~/shared/contract", "~/shared/wire", "github.com/coder/websocket"}, "links know bytes and who comes in, not hubs"},
	{"server/classic", []string{"~/server/classic/script", "~/server/front", "~/server/hub", "~/server/keys", "~/server/transport", "~/shared/access", "~/shared/contract", "~/shared/wire"}, "another front door to the same hubs, over the same host"},
	{"server/classic/script", []string{"~/shared/contract"}, "it writes what a page needs to know, from contracts alone"},
	{"server/connected", []string{"~/server/hub", "~/shared/contract", "~/shared/connected"}, "a built-in hub is written as a user's is"},
	{"server/peerchat", []string{"~/server/hub", "~/shared/contract", "~/shared/peerchat"}, "a built-in hub is written as a user's is"},
	{"server/mvcchat", []string{"~/server/hub", "~/shared/contract", "~/shared/mvcchat"}, "a built-in hub is written as a user's is"},
	{"server/yamlfile", []string{"~/shared/contract", "go.yaml.in/yaml/v4"}, "it knows lines and mistakes, not what a file is about"},
	{"server/yamlfile/yamlfiletest", []string{"~/server/yamlfile"}, "it looks at mistakes, whatever file they are in"},
	{"server/declared", []string{"~/server/hub", "~/server/yamlfile", "~/shared/contract", "~/shared/wire", "go.yaml.in/yaml/v4"}, "a declared hub is one like any other, wherever it is mounted"},
	{"server/tenants", []string{"~/server/fresh", "~/server/hub", "~/server/origin", "~/server/yamlfile", "~/shared/contract", "go.yaml.in/yaml/v4"}, "it says who may, and asks nobody who is there"},
	{"server/grants", []string{"~/server/hub", "~/server/keys", "~/server/tenants", "~/shared/access", "~/shared/contract"}, "a room renews sessions, and has no network"},
	{"server/auth", []string{"~/server/grants", "~/server/hub", "~/server/keys", "~/server/tenants", "~/server/front", "~/shared/access", "~/shared/contract", "github.com/golang-jwt/jwt/v5"}, "who comes in is one question, whatever front door asks it"},
	{"server/fresh", nil, "it knows files, not what is in them"},
	{"server/keys", []string{"~/server/fresh"}, "what signs depends on little"},
	{"server/export", []string{"~/shared/contract", "~/shared/wire"}, "it reads contracts, and knows no hub and no server"},
	{"server/telemetry", []string{"~/server/hub", "go.opentelemetry.io/otel/..."}, "it turns operations into spans, wherever they go"},
	{"server/telemetry/otlp", []string{"go.opentelemetry.io/otel/..."}, "it sends spans, whoever made them"},
	{"server/api", []string{"~/server/auth", "~/server/grants", "~/server/hub", "~/server/keys", "~/server/tenants", "~/shared/access", "~/shared/contract"}, "what back ends ask is asked of the hubs, whoever serves them"},
	{"server/cmd/...", []string{"~/server", "~/server/classic/script", "~/server/declared", "~/server/export", "~/server/grants", "~/server/telemetry/otlp", "~/server/tenants", "~/server/yamlfile", "~/shared/...", "github.com/alecthomas/kong"}, "the binary is flags over package server"},
	{"server", []string{
		"~/server/api", "~/server/auth", "~/server/chat", "~/server/classic", "~/server/classic/script", "~/server/connected", "~/server/declared", "~/server/fresh", "~/server/front", "~/server/grants", "~/server/history", "~/server/hub", "~/server/keys", "~/server/mvcchat", "~/server/origin", "~/server/peerchat", "~/server/telemetry", "~/server/tenants", "~/server/transport", "~/server/yamlfile", "~/shared/...", "~/web",
		"~/server/page", "~/app/address", "~/app/part", "~/app/parts", "~/app/ui", goApp, "github.com/prometheus/client_golang/...", "go.opentelemetry.io/otel/trace", "golang.org/x/crypto/acme/...",
	}, "it puts the rest together, and pre-renders the parts"},

	{"wasmclient/...", []string{"~/wasmclient/...", "~/shared/access", "~/shared/contract", "~/shared/wire", "github.com/coder/websocket"}, "the client knows no hub of ours and no server"},
	{"app/address", nil, "the server reads addresses as the browser does"},
	{"app/frame", nil, "it knows pages and browsers, and nothing of hubs"},
	{"app/cmd/...", []string{"~/app/...", goApp}, "the program in the browser is the parts"},
	{"app/parts", []string{"~/app/part", "~/app/parts/..."}, "it lists the parts"},
	{"app/parts/...", []string{"~/app/part", "~/app/ui", "~/shared/...", "~/wasmclient", goApp}, "a built-in part is written as a user's is"},
	{"app/...", []string{"~/app/...", "~/shared/access", "~/shared/contract", "~/wasmclient", goApp}, "the kit of parts knows no hub and never the server"},

	{"examples/...", []string{"~/examples/...", "~/server", "~/server/front", "~/server/hub", "~/server/transport", "~/server/export", "~/server/connected", "~/shared/contract", "~/shared/connected", "~/wasmclient", "~/app/part", "~/app/ui", goApp}, "examples use what users may use"},
	{"web", nil, "it is files, for whoever serves them"},
	{"web/...", []string{"~/web/...", "github.com/andybalholm/brotli"}, "the build step compresses, the server never does"},

	{"internal/...", []string{"~/internal/...", "go.uber.org/goleak"}, "test tools know the product from the outside"},
	{"e2e/...", []string{"~/...", "github.com/...", "go.uber.org/goleak"}, "black-box tests may use anything"},
}

// hidden is what nobody imports.
var hidden = []struct{ pkg, why string }{
	{"server/cmd/...", "a command is not a library"},
	{"server/edge/cmd/...", "a command is not a library"},
	{"app/cmd/...", "a command is not a library"},
	{"web/cmd/...", "a command is not a library"},
	{"e2e/...", "tests are not a library"},
	{"examples/...", "examples are not a library"},
}

// never is what a package must not reach, by whatever way.
var never = []struct{ platform, pkg, what, why string }{
	{"linux", "server/hub", "net/http", "the core does no I/O"},
	{"linux", "server/hub", "os/exec", "the core does no I/O"},
	{"linux", "server", "google.golang.org/grpc", "who sends no traces does not carry what would send them"},
	{"linux", "shared/contract/...", "net", "the contract does no I/O"},
	{"js/wasm", "server/edge/room", "net/http", "it would be a third of the room's program"},
	{"js/wasm", "wasmclient/...", "net/http", "it is half a megabyte of the browser's program"},
	{"js/wasm", "wasmclient/...", "github.com/coder/websocket", "in a browser it does not close, and brings net/http"},
	{"js/wasm", "shared/...", "net", "it is in every browser's program"},
	{"js/wasm", "app/...", "testing", "tests stay out of the browser's program"},
}

func TestImports_areAllowed(t *testing.T) {
	each(t, func(t *testing.T, p *aPackage) {
		if p.Error != nil {
			t.Errorf("%s: %s", p.name(), p.Error.Err)
			return
		}
		i := slices.IndexFunc(rules, func(r rule) bool { return matches(p.name(), r.pkg) })
		if i < 0 {
			t.Errorf("%s has no rule: give it one here and in ARCHITECTURE.md", p.name())
			return
		}
		for _, imported := range p.Imports {
			path := strings.Replace(imported, "partline.dev/", "~/", 1)
			allowed := slices.ContainsFunc(rules[i].may, func(pattern string) bool { return matches(path, pattern) })
			if !standard(imported) && !allowed {
				t.Errorf("%s imports %s and may not: %s", p.name(), imported, rules[i].why)
			}
		}
	})
}

func TestImports_ofWhatNobodyImports(t *testing.T) {
	each(t, func(t *testing.T, p *aPackage) {
		for _, imported := range p.Imports {
			for _, h := range hidden {
				if matches(imported, "partline.dev/"+h.pkg) && !matches(p.name(), h.pkg) {
					t.Errorf("%s imports %s and may not: %s", p.name(), imported, h.why)
				}
			}
		}
	})
}

func TestImports_reach(t *testing.T) {
	for _, platform := range platforms {
		packages, err := platform.load()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range never {
			if n.platform != platform.name {
				continue
			}
			fits := false
			for _, p := range packages {
				if !matches(p.name(), n.pkg) {
					continue
				}
				fits = true
				if slices.Contains(p.Deps, n.what) {
					t.Errorf("on %s, %s reaches %s: %s", platform.name, p.name(), n.what, n.why)
				}
			}
			if !fits {
				t.Errorf("no package fits %s: the rule that keeps it from %s holds nothing", n.pkg, n.what)
			}
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		path, pattern string
		want          bool
	}{
		{"server", "server", true},
		{"server/hub", "server", false},
		{"server/hub", "server/...", true},
		{"server", "server/...", true},
		{"serverless", "server/...", false},
	} {
		if got := matches(c.path, c.pattern); got != c.want {
			t.Errorf("matches(%q, %q) is %v", c.path, c.pattern, got)
		}
	}
}
