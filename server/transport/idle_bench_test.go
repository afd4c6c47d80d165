package transport_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

const (
	// idleClientEnv makes the test binary the client of the idle benchmark, so
	// that the client's memory is another process's. Its value is the server's
	// address and the number of connections.
	idleClientEnv = "PARTLINE_TEST_IDLE_CLIENT"

	idleConnections = 2000
	idleBudget      = 10 << 10
)

// runIdleClient opens connections, says "ready" and holds them until its input
// ends.
func runIdleClient(env string) int {
	addr, count, _ := strings.Cut(env, " ")
	n, err := strconv.Atoi(count)
	if err != nil {
		panic(err)
	}
	conns := make([]net.Conn, n)
	for i := range conns {
		if conns[i], err = idleConnection(addr); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	// A SignalR client pings when it has connected, and then again and again.
	for _, c := range conns {
		if err := answerPing(c); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, c := range conns {
		_ = c.Close()
	}
	return 0
}

func idleConnection(addr string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(hangGuard))
	request := []byte(upgrade(addr, "/talk"))
	request = appendFrame(request, rawFrame{first: text, masked: true, payload: []byte(handshakeJSON)})
	request = append(request, clientPing...)
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	r := bufio.NewReader(conn)
	reply, err := r.ReadString('\x1e')
	if err != nil || !strings.HasSuffix(reply, "{}\x1e") {
		return nil, fmt.Errorf("no handshake reply in %q: %v", reply, err)
	}
	return conn, nil
}

// answerPing waits for the server's ping and sends one.
func answerPing(conn net.Conn) error {
	b := make([]byte, len(serverPing))
	if _, err := io.ReadFull(conn, b); err != nil || string(b) != serverPing {
		return fmt.Errorf("%q instead of a ping: %v", b, err)
	}
	_, err := conn.Write(clientPing)
	return err
}

const serverPing = "\x81\x0b" + `{"type":6}` + "\x1e"

var clientPing = appendFrame(nil, rawFrame{first: text, masked: true, payload: []byte(`{"type":6}` + "\x1e")})

// memory is the heap and stack in use.
func memory() (heap, stack uint64) {
	var m runtime.MemStats
	for range 4 {
		runtime.GC() // pools need two, and a stack is halved by each
	}
	runtime.ReadMemStats(&m)
	return m.HeapInuse, m.StackInuse
}

// BenchmarkIdleConnection prints what a connection costs that does nothing: heap
// and stack of the server, which is this process; the clients are in another.
func BenchmarkIdleConnection(b *testing.B) {
	for b.Loop() {
		measureIdle(b, nil)
	}
}

func measureIdle(b testing.TB, o *transport.Options) {
	s := serve(b, o, func(o *hub.Options) { o.KeepAlive = 2000 })
	heap, stack := memory()
	client := exec.Command(os.Args[0], "-test.run=^$")
	client.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", idleClientEnv, s.addr, idleConnections))
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
	goroutines := runtime.NumGoroutine()
	heapNow, stackNow := memory()
	heapEach := float64(heapNow-heap) / idleConnections
	stackEach := float64(stackNow-stack) / idleConnections
	_ = in.Close()
	if err := client.Wait(); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d connections: %.0f heap + %.0f stack = %.0f bytes each, %d goroutines",
		idleConnections, heapEach, stackEach, heapEach+stackEach, goroutines)
	if m, ok := b.(*testing.B); ok {
		m.ReportMetric(heapEach, "heap-B/conn")
		m.ReportMetric(stackEach, "stack-B/conn")
	}
	if each := heapEach + stackEach; each > idleBudget {
		b.Errorf("an idle connection costs %.0f bytes, more than %d", each, idleBudget)
	}
}
