package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/process"
	"partline.dev/internal/testkit/faultproxy"
	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/connected"
	client "partline.dev/wasmclient"
)

// suiteArgs choose the suite among the client's tests.
var suiteArgs = []string{"-test.run=^TestSuite_", "-test.v", "-test.timeout=5m"}

// TestClientSuite runs the suite of wasmclient, which is one and the same
// source, against the binary: natively, under Node and in Chromium.
func TestClientSuite(t *testing.T) {
	t.Parallel()
	suiteEverywhere(t, func(host string) map[string]string { return startSuiteHubs(t, "--allow-host", host) })
}

// TestEdge_clientSuite runs it against a room.
func TestEdge_clientSuite(t *testing.T) {
	t.Parallel()
	built, err := theEdge()
	if err != nil {
		t.Fatal(err)
	}
	suiteEverywhere(t, func(host string) map[string]string {
		e := startEdge(t, "--room-wasm", built.room, "--allow-host", host)
		base := e.lasting(t)
		return map[string]string{
			"PARTLINE_HUB": cutBy(t, base), "PARTLINE_HUB_CUTS": "1", "PARTLINE_ONLY_WEBSOCKETS": "1",
			"PARTLINE_TESTHUB": base + "/hubs/test",
		}
	})
}

// suiteEverywhere runs the suite natively, under Node and in a page of another site. Start
// starts the hubs, which pages of the host may reach, and returns what tells the suite
// of them.
func suiteEverywhere(t *testing.T, start func(host string) map[string]string) {
	t.Helper()
	dir, pages := t.TempDir(), map[string]string{}
	host := site(t, pages)
	hubs := start(host)

	t.Run("natively", func(t *testing.T) {
		binary := buildSuite(t, dir, "suite")
		output := runSuite(t, hubs, binary, suiteArgs...)
		checkSuite(t, output)
	})

	wasm := buildSuite(t, dir, "suite.wasm", "GOOS=js", "GOARCH=wasm")

	t.Run("in Node", func(t *testing.T) {
		args := append([]string{
			// In Node 20 there is no WebSocket without the flag.
			"--experimental-websocket", "--stack-size=8192", wasmSupport(t, "wasm_exec_node.js"), wasm,
		}, suiteArgs...)
		output := runSuite(t, hubs, "node", args...)
		checkSuite(t, output)
	})

	t.Run("in Chromium", func(t *testing.T) {
		pages["/"], pages["/suite.wasm"] = suitePage, read(t, wasm)
		pages["/wasm_exec.js"] = read(t, wasmSupport(t, "wasm_exec.js"))
		page := chromium.Start(t, nil).Open(host)
		args, err := json.Marshal([]any{
			append([]string{"suite"}, suiteArgs...),
			hubs,
		})
		if err != nil {
			t.Fatal(err)
		}
		page.Run(`run(...` + string(args) + `)`)
		for ended := false; !ended; { // a guard for each test
			passed := chromium.Eval[int](page.Frame, `passed()`)
			page.Wait("another test of the suite", fmt.Sprintf(`ended !== undefined || passed() > %d`, passed))
			ended = chromium.Eval[bool](page.Frame, `ended !== undefined`)
		}
		checkSuite(t, chromium.Eval[string](page.Frame, `output`))
		if code := chromium.Eval[int](page.Frame, `ended`); code != 0 {
			t.Errorf("the suite ends with %d", code)
		}
	})
}

// suitePage runs a Go test in a page.
const suitePage = `<!doctype html><title>suite</title><script src="/wasm_exec.js"></script><script>
	let output = "", ended
	const passed = () => output.split("=== RUN").length
	const text = new TextDecoder()
	fs.writeSync = (_, bytes) => { output += text.decode(bytes, {stream: true}); return bytes.length }
	async function load(argv, env) {
		const go = new Go()
		Object.assign(go, {argv, env, exit: code => { ended = code }})
		const bytes = await (await fetch("/suite.wasm")).arrayBuffer()
		const {instance} = await WebAssembly.instantiate(bytes, go.importObject)
		await go.run(instance)
	}
	function run(argv, env) { load(argv, env).catch(e => { output += e.stack; ended = -1 }) }
</script>`

// startSuiteHubs starts the binary and the test server, and returns what tells
// the suite of their hubs.
func startSuiteHubs(t *testing.T, flags ...string) (env map[string]string) {
	t.Helper()
	program, err := testServer()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"PARTLINE_HUB": cutBy(t, partline.Start(t, binary, flags...).URL), "PARTLINE_HUB_CUTS": "1",
		"PARTLINE_TESTHUB": partline.Start(t, program, flags...).URL + "/testhub",
	}
}

// cutBy puts a proxy before the server at base, and returns the address of its hub
// there. Who says the suite's word finds every link through the proxy cut.
func cutBy(t *testing.T, base string) (url string) {
	t.Helper()
	const cutWord = "please cut every link"
	proxy, err := faultproxy.Listen(strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := client.Dial(ctx, base+"/hubs/connected", connected.Hub)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) {
		if b.Message == cutWord {
			proxy.Cut()
		}
	})
	return "http://" + proxy.Addr() + "/hubs/connected"
}

// buildSuite compiles the client's tests.
func buildSuite(t *testing.T, dir, name string, env ...string) (file string) {
	t.Helper()
	file = filepath.Join(dir, name)
	cmd := exec.Command("go", "test", "-c", "-o", file, "partline.dev/wasmclient")
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("compile the suite: %v\n%s", err, out)
	}
	return file
}

// wasmSupport is a file that Go has for WebAssembly.
func wasmSupport(t *testing.T, name string) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", name)
}

// runSuite runs the suite in a process of its own, against the hubs, and returns
// what it prints.
func runSuite(t *testing.T, hubs map[string]string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	var output strings.Builder
	cmd := process.Command(ctx, time.Second, name, args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	// WebAssembly has little room for the environment.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range hubs {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if err := cmd.Run(); err != nil {
		t.Errorf("the suite ends with %v", err)
	}
	return output.String()
}

// checkSuite looks whether the suite ran, all of it.
func checkSuite(t *testing.T, output string) {
	t.Helper()
	passed := strings.Count(output, "--- PASS: TestSuite_")
	if passed == 0 || strings.Contains(output, "--- FAIL") || strings.Contains(output, "--- SKIP") || !strings.HasSuffix(output, "\nPASS\n") {
		t.Errorf("the suite has not passed:\n%s", output)
		return
	}
	t.Logf("%d tests of the suite have passed", passed)
}

// read reads a file.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
