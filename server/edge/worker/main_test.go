package worker_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"partline.dev/server/edge/bundle"
	"partline.dev/server/edge/local"
)

// guard is how long anything may take that takes no time: the first start of workerd
// takes ten seconds on a busy machine.
const guard = time.Minute

// built is the folder of the Workers whose programs are in testdata.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "partline-edge-")
	if err != nil {
		return "", err
	}
	_, err = bundle.Build(context.Background(), bundle.Options{
		Out: dir, GatewayDir: filepath.Join("testdata", "gateway"), RoomDir: filepath.Join("testdata", "room"), Pages: files,
	})
	return dir, err
})

// files are those of the gateway: one that anybody gets, and one for the Worker only.
func files(_ context.Context, dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "web"), 0o755); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "web", "style-0123.css"), []byte("p{}"), 0o644),
		os.WriteFile(filepath.Join(dir, "page.html"), []byte("a page"), 0o644),
		os.WriteFile(filepath.Join(dir, "_headers"), []byte("/web/*\n  Cache-Control: public, max-age=31536000, immutable\n"), 0o644),
	)
}

func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if shared.workers != nil {
		code |= failed(shared.workers.Stop())
	}
	if dir, err := built(); err == nil {
		code |= failed(os.RemoveAll(dir))
	}
	code |= failed(goleak.Find())
	os.Exit(code)
}

func failed(err error) int {
	if err == nil {
		return 0
	}
	_, _ = io.WriteString(os.Stderr, err.Error()+"\n")
	return 1
}

// edge is Workers that run, and what they have logged.
type edge struct {
	workers *local.Workers
	log     lines
}

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex // Protects following.
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var shared edge

// installed skips a test where npm was not run.
func installed(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("node_modules", "wrangler")); err != nil {
		t.Skip("npm has not installed wrangler here: run npm ci --ignore-scripts in server/edge/worker")
	}
}

// start runs the Workers with variables of their own; without any, those that all tests
// share.
func start(t *testing.T, gateway, room map[string]string) *edge {
	t.Helper()
	installed(t)
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	own := gateway != nil || room != nil
	e := &shared
	if own {
		e = &edge{}
	}
	if e.workers != nil {
		return e
	}
	data, err := os.MkdirTemp(dir, "rooms-")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	defer cancel()
	e.workers, err = local.Start(ctx, local.Options{Dir: dir, Worker: ".", Addr: "localhost:0", Data: data, Gateway: gateway, Room: room, Log: &e.log})
	if err != nil {
		t.Fatalf("%v\n%s", err, e.log.String())
	}
	if own {
		t.Cleanup(func() {
			if err := e.workers.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	return e
}

// logs waits until the log has all of these.
func (e *edge) logs(t *testing.T, want ...string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(guard); ; {
		missing := slices.DeleteFunc(slices.Clone(want), func(line string) bool { return strings.Contains(e.log.String(), line) })
		if len(missing) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("the log does not say %q:\n%s", missing, e.log.String())
		}
	}
}

// get is the status, header and body of a path.
func (e *edge) get(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	reply, err := http.Get(e.workers.URL() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply, string(body)
}

// room is the id of the object of a room.
func (e *edge) room(t *testing.T, name string) string {
	t.Helper()
	_, id := e.get(t, "/id?room="+name)
	if len(id) != 64 {
		t.Fatalf("the id of %s is %q", name, id)
	}
	return id
}

// member is a WebSocket.
type member struct {
	t    *testing.T
	conn *websocket.Conn
}

// dial opens a WebSocket, which has to be let in.
func (e *edge) dial(t *testing.T, path string, header http.Header) *member {
	t.Helper()
	conn, reply, err := e.try(path, header)
	if err != nil {
		t.Fatalf("%s: %v, %v\n%s", path, err, reply, e.log.String())
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &member{t, conn}
}

func (e *edge) try(path string, header http.Header) (*websocket.Conn, *http.Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	return websocket.Dial(ctx, e.workers.URL()+path, &websocket.DialOptions{HTTPHeader: header})
}

// join is a member of a room of that name.
func (e *edge) join(t *testing.T, name string) *member {
	t.Helper()
	return e.dial(t, "/hubs/connected?id="+e.room(t, name)+".secret", nil)
}

func (m *member) say(text string) {
	m.t.Helper()
	m.write(websocket.MessageText, text)
}

func (m *member) write(kind websocket.MessageType, text string) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	if err := m.conn.Write(ctx, kind, []byte(text)); err != nil {
		m.t.Fatal(err)
	}
}

// next is the next message, or how the connection has ended.
func (m *member) next() string {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	kind, text, err := m.conn.Read(ctx)
	var end websocket.CloseError
	switch {
	case errors.As(err, &end):
		return "ended " + strings.TrimSpace(end.Code.String()+" "+end.Reason)
	case err != nil:
		return "ended: " + err.Error()
	case kind == websocket.MessageBinary:
		return "binary " + string(text)
	}
	return string(text)
}

// hears fails unless these are the next messages.
func (m *member) hears(want ...string) {
	m.t.Helper()
	for _, w := range want {
		if got := m.next(); got != w {
			m.t.Fatalf("the next message is %q, not %q", got, w)
		}
	}
}

// asks says something and is answered.
func (m *member) asks(question, answer string) {
	m.t.Helper()
	m.say(question)
	m.hears(answer)
}
