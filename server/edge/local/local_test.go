package local_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partline.dev/server/edge/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// guard is how long node may take over anything.
const guard = time.Minute

// options are those of Workers that are a script of node's, which stands in for
// serve.mjs.
func options(t *testing.T, script string) local.Options {
	t.Helper()
	o := local.Options{Dir: t.TempDir(), Worker: t.TempDir(), Addr: "localhost:0", Data: filepath.Join(t.TempDir(), "rooms")}
	for path, content := range map[string]string{
		filepath.Join(o.Dir, "gateway", "wrangler.jsonc"):                   "{}",
		filepath.Join(o.Worker, "node_modules", "wrangler", "package.json"): "{}",
		filepath.Join(o.Worker, "serve.mjs"):                                script,
		filepath.Join(o.Worker, "package.json"):                             `{"type": "module"}`,
		filepath.Join(o.Worker, "node_modules", ".package-lock.json"):       "{}",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// answers is a script that says what it was told, is ready, and ends with its input.
const answers = `
import { createInterface } from "node:readline";
const input = createInterface({ input: process.stdin });
input.once("line", (line) => {
  process.stderr.write("told " + line + "\n");
  console.log(JSON.stringify({ url: "http://localhost:1234" }));
});
input.on("close", () => process.exit());
`

func TestStart_tellsWhatToRun(t *testing.T) {
	o := options(t, answers)
	var log bytes.Buffer
	o.Log, o.RoomWasm = &log, "other.wasm"
	o.Gateway, o.Room = map[string]string{"ORIGIN": "http://a.example"}, map[string]string{"KEYS": "secret"}
	w, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if w.URL() != "http://localhost:1234" {
		t.Errorf("it is at %q", w.URL())
	}
	if err := errors.Join(w.Stop(), w.Stop()); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
	<-w.Done()
	for _, want := range []string{`"host":"localhost"`, `"port":0`, `"room.wasm":"other.wasm"`, `"ORIGIN":"http://a.example"`, `"KEYS":"secret"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("it was not told %s: %s", want, log.String())
		}
	}
	if info, err := os.Stat(o.Data); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the storage: %v, %v", info, err)
	}
}

func TestStart_saysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		change func(*local.Options)
		want   string
	}{
		"no Workers":      {answers, func(o *local.Options) { o.Dir += "/none" }, "edge build builds them"},
		"no npm":          {answers, func(o *local.Options) { o.Worker += "/none" }, "npm ci --prefix"},
		"no port":         {answers, func(o *local.Options) { o.Addr = "localhost" }, `"localhost": it names a host and a port`},
		"no number":       {answers, func(o *local.Options) { o.Addr = "localhost:http" }, `"http" is no number of a port`},
		"no such port":    {answers, func(o *local.Options) { o.Addr = "localhost:65536" }, `"65536" is no number of a port`},
		"no folder":       {answers, func(o *local.Options) { o.Data = filepath.Join(o.Worker, "serve.mjs", "x") }, "the folder of the rooms' storage"},
		"it says why":     {`console.log(JSON.stringify({ error: "the port is taken" }))`, nil, "the Workers did not start: the port is taken"},
		"it ends":         {``, nil, "node has said why"},
		"it is no script": {`(`, nil, "node has said why"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, c.script)
			o.Log = &bytes.Buffer{}
			if c.change != nil {
				c.change(&o)
			}
			w, err := local.Start(t.Context(), o)
			if err == nil {
				_ = w.Stop()
				t.Fatal("they run")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %q, not %q", err, c.want)
			}
		})
	}
}

func TestStart_endsWithItsContext(t *testing.T) {
	o := options(t, `process.stdin.resume(); process.stdin.on("end", () => process.exit())`)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := local.Start(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it gives %v", err)
	}
}

func TestWorkers_thatEndByThemselves(t *testing.T) {
	o := options(t, `process.stdin.once("data", () => process.stdout.write('{"url": "http://localhost:1"}\n', () => process.exit(3)))`)
	w, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.Done():
	case <-time.After(guard):
		t.Error("nobody says that they have ended")
	}
	if err := w.Stop(); err != nil || w.Err() == nil {
		t.Errorf("they ended with %v, and Stop gives %v", w.Err(), err)
	}
}

func TestStop_killsWhatDoesNotEnd(t *testing.T) {
	o := options(t, answers+`
process.exit = () => {};
setInterval(() => {}, 1000);
`)
	o.Log = &bytes.Buffer{}
	w, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Stop(); err == nil || !strings.Contains(err.Error(), "were killed") {
		t.Errorf("it gives %v", err)
	}
}
