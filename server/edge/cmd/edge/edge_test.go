package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"partline.dev/server/edge/bundle"
)

// binary is the command, and workers what edge build would have built, with programs of
// tests.
var binary, workers string

// guard is how long workerd may take over anything on a busy machine.
const guard = time.Minute

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "partline-edge-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, workers = filepath.Join(dir, "edge"), filepath.Join(dir, "workers")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	_, err = bundle.Build(context.Background(), bundle.Options{Out: workers, GatewayDir: "../../worker/testdata/gateway", RoomDir: "../../worker/testdata/room", Pages: files})
	if err != nil {
		return 0, err
	}
	return m.Run(), nil
}

func files(_ context.Context, dir string) error { return os.MkdirAll(filepath.Join(dir, "web"), 0o755) }

// command is edge with the arguments, in a folder of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = t.TempDir()
	return cmd
}

// serve are the arguments of edge serve for the Workers of the tests.
func serve(t *testing.T, args ...string) []string {
	t.Helper()
	worker, err := filepath.Abs("../../worker")
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"serve", "--dir", workers, "--worker", worker, "--addr", "localhost:0", "--host-addr", "127.0.0.1:0"}, args...)
}

func TestServe_saysWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	at := taken.Addr().String()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"the address is taken":     {serve(t, "--addr", at), at + " is taken by another program; choose another with --addr"},
		"the host's is taken":      {serve(t, "--host-addr", at), at + " is taken by another program; choose another with --host-addr"},
		"nothing is built":         {serve(t, "--dir", "none"), "there are no Workers in none: edge build builds them"},
		"npm was not run":          {serve(t, "--worker", "none"), "npm has not installed wrangler in none"},
		"two ways to say who may":  {serve(t, "--tenants", os.DevNull, "--allow-host", "https://contoso.example"), "--tenants and --allow-host"},
		"there are no tenants":     {serve(t, "--tenants", "none.yaml"), "--tenants: open none.yaml"},
		"two rooms":                {serve(t, "--room-dir", ".", "--room-wasm", "room.wasm"), "--room-dir and --room-wasm"},
		"a room that is no folder": {serve(t, "--room-dir", "none"), "none"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := command(t, c.args...).CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.want) {
				t.Errorf("it ends with %v and says %q, not %q", err, out, c.want)
			}
		})
	}
}

// open is the line that says where everything is.
var open = regexp.MustCompile(`msg=open parts=(\S+)/ demo_host_page=(\S+)/`)

func TestServe_untilItIsToldToEnd(t *testing.T) {
	if _, err := os.Stat("../../worker/node_modules/wrangler"); err != nil {
		t.Skip("npm has not installed wrangler: run npm ci --ignore-scripts in server/edge/worker")
	}
	room, err := filepath.Abs("../../worker/testdata/room")
	if err != nil {
		t.Fatal(err)
	}
	cmd := command(t, serve(t, "--room-dir", room, "--var", "LOG_LEVEL=debug;x", "--data", "data")...)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said, demo string
	for lines := bufio.NewScanner(out); demo == "" && lines.Scan(); {
		said += lines.Text() + "\n"
		if found := open.FindStringSubmatch(lines.Text()); found != nil {
			if body := get(t, found[1]+"/ask?room=r"); !strings.Contains(body, `"path":"/negotiate"`) {
				t.Errorf("the room says %s", body)
			}
			demo = get(t, found[2]+"/")
			if !strings.Contains(demo, `src="`+found[1]+`/parts/one"`) {
				t.Errorf("the demo host page shows no part of %s:\n%s", found[1], demo)
			}
		}
	}
	for _, want := range []string{"msg=listening addr=localhost:", "set_by=--addr", "msg=listening addr=127.0.0.1:", "set_by=--host-addr"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %s:\n%s", want, said)
		}
	}
	if keys, err := os.ReadFile(filepath.Join(cmd.Dir, "data", "keys")); err != nil || len(keys) == 0 {
		t.Errorf("the keys: %v", err)
	}
	end := time.AfterFunc(guard, func() { _ = cmd.Process.Kill() })
	defer end.Stop()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ends with %v\n%s%s", err, said, log.String())
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	reply, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestHelp_namesEveryFlagAndItsVariable(t *testing.T) {
	out, err := command(t, "serve", "--help").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"addr", "host-addr", "origin", "allow-host", "tenants", "keys", "data", "var", "room-wasm", "room-dir", "dir", "worker"} {
		variable := "PARTLINE_EDGE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
		if !strings.Contains(string(out), "--"+flag) || !strings.Contains(string(out), "$"+variable) {
			t.Errorf("--%s and $%s are not in the help:\n%s", flag, variable, out)
		}
	}
}
