package classic_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"partline.dev/server/classic"
)

const (
	// idleClientEnv makes the test binary the client of the idle benchmark, so
	// that the client's memory is another process's. Its value is the server's
	// address, the transport and the number of connections.
	idleClientEnv = "PARTLINE_TEST_IDLE_CLASSIC_CLIENT"

	idleConnections = 2000
	idleBudget      = 10 << 10 // of a WebSocket; what a request costs is the HTTP server's
)

// runIdleClient opens connections, says "ready" and holds them until its input
// ends.
func runIdleClient(env string) int {
	var addr, way string
	var n int
	if _, err := fmt.Sscan(env, &addr, &way, &n); err != nil {
		panic(err)
	}
	conns := make([]net.Conn, n)
	for i := range conns {
		var err error
		if conns[i], err = idleConnection(addr, way); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	for _, c := range conns {
		if way == "webSockets" { // it is kept alive once, and has all its timers then
			frame := make([]byte, 4)
			if _, err := io.ReadFull(c, frame); err != nil || string(frame) != "\x81\x02{}" {
				fmt.Printf("%q instead of a keep-alive: %v\n", frame, err)
				return 1
			}
		}
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, c := range conns {
		_ = c.Close()
	}
	return 0
}

// idleConnection connects and starts as a client does, and returns the socket of
// its link.
func idleConnection(addr, way string) (net.Conn, error) {
	query := url.Values{"clientProtocol": {"2.1"}, "connectionData": {`[{"name":"chathub"}]`}}
	var negotiated struct{ ConnectionToken string }
	if err := ask("GET", "http://"+addr+"/signalr/negotiate?"+query.Encode(), &negotiated); err != nil {
		return nil, err
	}
	query.Set("connectionToken", negotiated.ConnectionToken)
	query.Set("transport", way)
	base, rest := "http://"+addr+"/signalr/", "?"+query.Encode()
	var started struct{ Response string }
	if way == "longPolling" {
		var first struct{ C string }
		if err := errors.Join(ask("POST", base+"connect"+rest, &first), ask("GET", base+"start"+rest, &started)); err != nil {
			return nil, err
		}
		form := url.Values{"messageId": {first.C}}.Encode()
		return dialIdle(addr, fmt.Sprintf("POST /signalr/poll%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", rest, addr, len(form), form))
	}
	conn, err := dialIdle(addr, "GET /signalr/connect"+rest+" HTTP/1.1\r\nHost: "+addr+"\r\n"+
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if err != nil {
		return nil, err
	}
	// Byte by byte: what comes after the first word stays in the socket.
	var said []byte
	for b := make([]byte, 1); !strings.HasSuffix(string(said), `"M":[]}`); said = append(said, b[0]) {
		if _, err := io.ReadFull(conn, b); err != nil {
			return nil, fmt.Errorf("after %q: %w", said, err)
		}
	}
	return conn, ask("GET", base+"start"+rest, &started)
}

// dialIdle opens a socket and makes a request on it.
func dialIdle(addr, request string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
	_, err = io.WriteString(conn, request)
	return conn, err
}

// ask makes a request and reads its reply into v.
func ask(method, address string, v any) error {
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, r.URL.Path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(v)
}

// memory is the heap and stack in use.
func memory() (heap, stack uint64) {
	var m runtime.MemStats
	for range 4 {
		runtime.GC() // pools need two, and a stack is halved by each
	}
	runtime.ReadMemStats(&m)
	return m.HeapInuse, m.StackInuse
}

// BenchmarkIdleConnection prints what a client of SignalR 2 costs that does
// nothing: heap and stack of the server, which is this process; the clients are in
// another. A poll that waits has the two goroutines that the HTTP server gives it.
func BenchmarkIdleConnection(b *testing.B) {
	for _, way := range []string{"webSockets", "longPolling"} {
		b.Run(way, func(b *testing.B) {
			for b.Loop() {
				measureIdle(b, way)
			}
		})
	}
}

func measureIdle(b *testing.B, way string) {
	server := httptest.NewServer(newHandler(b, classic.Options{KeepAlive: 5 * time.Second}))
	b.Cleanup(server.Close)
	heap, stack := memory()
	before := runtime.NumGoroutine()
	client := exec.Command(os.Args[0], "-test.run=^$")
	client.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d", idleClientEnv, server.Listener.Addr(), way, idleConnections))
	client.Stderr = os.Stderr
	in, err := client.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := client.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := client.Start(); err != nil {
		b.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || said != "ready\n" {
		b.Fatalf("the client said %q, %v", said, err)
	}
	heapNow, stackNow := memory()
	goroutines := runtime.NumGoroutine() - before
	heapEach := float64(heapNow-heap) / idleConnections
	stackEach := float64(stackNow-stack) / idleConnections
	_ = in.Close()
	if err := client.Wait(); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d connections by %s: %.0f heap + %.0f stack = %.0f bytes each, %.2f goroutines each",
		idleConnections, way, heapEach, stackEach, heapEach+stackEach, float64(goroutines)/idleConnections)
	b.ReportMetric(heapEach, "heap-B/conn")
	b.ReportMetric(stackEach, "stack-B/conn")
	switch each := heapEach + stackEach; {
	case way == "webSockets" && each > idleBudget:
		b.Errorf("an idle connection costs %.0f bytes, more than %d", each, idleBudget)
	case goroutines > 2*idleConnections+50:
		b.Errorf("%d connections have %d goroutines", idleConnections, goroutines)
	}
}
