package edge_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/server/edge/inside"
	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
)

const (
	audience = 300 // members of a room
	calls    = 40  // of a window: each is a delivery to everybody
	ahead    = 8   // calls that were not heard by their caller yet
	share    = 0.9 // of what a plain JavaScript room does
	text     = 200 // bytes of a message
	windows  = 15  // of each room, and so many again if they are not enough, as where the machine is busy
	attempts = 5
	early    = 6000 // calls of a small room before, since programs are compiled better while they run
)

// TestCost has a room and a plain one in JavaScript do the same by turns, in one workerd:
// the same bytes to the same number of members.
func TestCost(t *testing.T) {
	r := start(t, t.TempDir(), nil)
	for _, h := range []*hall{newHall(t, r, "go", true, 20, codecs), newHall(t, r, "plain", false, 20, codecs)} {
		h.window(t, r.pid, early)
	}
	for name, codec := range map[string]func(i int) wire.Codec{
		"JSON":        func(int) wire.Codec { return wire.JSON },
		"MessagePack": func(int) wire.Codec { return wire.MessagePack },
		"both":        codecs,
	} {
		t.Run(name, func(t *testing.T) {
			rooms := []*hall{newHall(t, r, "go-"+name, true, audience, codec), newHall(t, r, "plain-"+name, false, audience, codec)}
			for i, l := range rooms[0].listeners {
				if other := rooms[1].listeners[i]; l.frame != other.frame {
					t.Fatalf("member %d hears %d bytes of the room, and %d of the plain one", i, l.frame, other.frame)
				}
			}
			goRoom, plain := rooms[0], rooms[1]
			var speed, cpu float64
			for attempt := 0; attempt < attempts && min(speed, cpu) < share; attempt++ {
				for i := range windows {
					for j := range rooms {
						rooms[(i+j)%2].window(t, r.pid, calls) // each begins as often
					}
				}
				speed, cpu = ratio(goRoom.rates, plain.rates), ratio(plain.costs, goRoom.costs)
			}
			t.Logf("table: %d members, %s: %.0f deliveries/s, %.2f µs CPU each; plain JavaScript %.0f/s, %.2f µs: %.2f of its speed, %.2f of its deliveries for the same CPU",
				audience, name, median(goRoom.rates), median(goRoom.costs), median(plain.rates), median(plain.costs), speed, cpu)
			if speed < share || cpu < share {
				t.Errorf("it has %.2f of the plain room's speed, and does %.2f for the same CPU; it must be %.1f of each", speed, cpu, share)
			}
		})
	}
}

// ratio is the median of those of windows that were beside each other.
func ratio(a, b []float64) float64 {
	all := make([]float64, len(a))
	for i := range a {
		all[i] = a[i] / b[i]
	}
	return median(all)
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (sorted[n/2] + sorted[(n-1)/2]) / 2
}

// hall is a room and who is there.
type hall struct {
	listeners []*listener
	rates     []float64 // deliveries in a second
	costs     []float64 // µs of CPU for each
}

// newHall fills a room.
func newHall(t *testing.T, r *runtime, name string, isGo bool, members int, codec func(i int) wire.Codec) *hall {
	h := &hall{listeners: make([]*listener, members)}
	together(t, members, func(i int) (err error) {
		path := "/plain/" + name
		if isGo {
			made, err := r.negotiate(name, &inside.Negotiation{Hub: "connected", Address: fmt.Sprint("address", i)})
			if err != nil {
				return err
			}
			path = "/hubs/connected?id=" + made.Token
		}
		h.listeners[i], err = listen(strings.TrimPrefix(r.url, "http://"), path, codec(i))
		return err
	})
	t.Cleanup(func() {
		for _, l := range h.listeners {
			_ = l.conn.Close()
			<-l.done
		}
	})
	speaker := h.listeners[0]
	speaker.say(t)
	for _, l := range h.listeners {
		got, ok := <-l.first
		if !ok {
			t.Fatalf("a member of %s: %v", name, l.err)
		}
		l.frame = got
	}
	return h
}

// window measures so many calls.
func (h *hall) window(t *testing.T, pid, calls int) {
	t.Helper()
	speaker := h.listeners[0]
	var all sync.WaitGroup
	for _, l := range h.listeners {
		all.Add(1)
		l.expect(calls*l.frame, all.Done)
	}
	before, begun := cpuOf(t, pid), time.Now()
	for i := range calls {
		if i >= ahead {
			speaker.heard(t, (i-ahead+1)*speaker.frame)
		}
		speaker.say(t)
	}
	over := make(chan struct{})
	go func() { all.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(guard):
		t.Fatal("not everybody hears everything")
	}
	took, cpu := time.Since(begun), cpuOf(t, pid)-before
	for i, l := range h.listeners {
		if l.more() {
			t.Errorf("member %d hears more than was said", i)
		}
	}
	n := float64(calls * len(h.listeners))
	h.rates = append(h.rates, n/took.Seconds())
	h.costs = append(h.costs, float64(cpu.Nanoseconds())/1000/n)
}

// cpuOf is what all threads of a process have used.
func cpuOf(t *testing.T, pid int) time.Duration {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		t.Skip("this system does not tell the CPU time of threads")
	}
	var sum int64
	for _, file := range threads {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		ran, _, _ := strings.Cut(string(content), " ")
		ns, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += ns
	}
	return time.Duration(sum)
}

// listener is a WebSocket that counts bytes, and looks at nothing else: it must not be
// what is slow.
type listener struct {
	conn  net.Conn
	call  []byte // a frame that says something to everybody
	frame int    // how many bytes everybody then hears, without the header of their frame
	first chan int
	done  chan struct{}
	err   error // why it ended; valid after done

	mu     sync.Mutex // protects following
	bytes  int        // since expect
	target int
	enough func()
	waits  int // of bytes
	heardN chan struct{}
}

// listen makes a member.
func listen(addr, path string, codec wire.Codec) (*listener, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	l := &listener{conn: conn, first: make(chan int, 1), done: make(chan struct{}), heardN: make(chan struct{}, 1)}
	if l.call, err = sayCall(codec); err != nil {
		return nil, err
	}
	behind, err := l.begin(addr, path, codec)
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	go l.read(behind) // until the end of conn
	return l, nil
}

// begin does both handshakes.
func (l *listener) begin(addr, path string, codec wire.Codec) (*bufio.Reader, error) {
	if err := l.conn.SetReadDeadline(time.Now().Add(guard)); err != nil {
		return nil, err
	}
	_, err := fmt.Fprintf(l.conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", path, addr)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(l.conn, 64<<10)
	reply, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, err
	}
	if reply.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("the room answers %s", reply.Status)
	}
	hello := wire.AppendHandshake(nil, wire.Handshake{Protocol: codec.Name(), Version: 1})
	if _, err := l.conn.Write(clientFrame(codec.Binary(), hello)); err != nil {
		return nil, err
	}
	if _, err := readFrame(in); err != nil {
		return nil, err
	}
	return in, l.conn.SetReadDeadline(time.Time{})
}

// sayCall is the frame of a call that nobody answers.
func sayCall(codec wire.Codec) ([]byte, error) {
	d := connected.SendMethod.Descriptor()
	plan, err := wire.ArgumentsOf(d)
	if err != nil {
		return nil, err
	}
	m := wire.Message{Kind: wire.Invocation, Target: []byte(d.Name())}
	m.Arguments, err = codec.AppendArguments(nil, plan, reflect.ValueOf(connected.Send{Name: "a", Message: strings.Repeat("x", text)}))
	return clientFrame(codec.Binary(), codec.Append(nil, &m)), err
}

// clientFrame is a message of a client's, with a mask of zeros.
func clientFrame(binaryMessage bool, message []byte) []byte {
	opcode := byte(0x81)
	if binaryMessage {
		opcode = 0x82
	}
	frame := []byte{opcode}
	if len(message) < 126 {
		frame = append(frame, 0x80|byte(len(message)))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(len(message)))
	}
	return append(append(frame, 0, 0, 0, 0), message...)
}

// readFrame passes over a message of the server's, and is how long it is. One may hold
// several of the hub's.
func readFrame(in *bufio.Reader) (length int, err error) {
	head, err := in.Peek(2)
	if err != nil {
		return 0, err
	}
	length, header := int(head[1]), 2
	switch length {
	case 126:
		if head, err = in.Peek(4); err != nil {
			return 0, err
		}
		length, header = int(binary.BigEndian.Uint16(head[2:])), 4
	case 127:
		return 0, errors.New("a frame has more than 65,535 bytes")
	}
	_, err = in.Discard(header + length)
	return length, err
}

func (l *listener) read(in *bufio.Reader) {
	defer close(l.done)
	length, err := readFrame(in)
	if err != nil {
		l.err = err
		close(l.first)
		return
	}
	l.first <- length
	for {
		length, err := readFrame(in)
		if err != nil {
			if err != io.EOF {
				l.err = err
			}
			return
		}
		n := length
		for in.Buffered() > 4 { // what is there already is counted at once
			if length, err = readFrame(in); err != nil {
				break
			}
			n += length
		}
		l.count(n)
	}
}

func (l *listener) count(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes += n
	if l.enough != nil && l.bytes >= l.target {
		l.enough()
		l.enough = nil
	}
	if l.waits > 0 && l.bytes >= l.waits {
		l.waits = 0
		l.heardN <- struct{}{}
	}
}

// expect begins to count anew, and calls enough after that many bytes.
func (l *listener) expect(bytes int, enough func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes, l.target, l.enough = 0, bytes, enough
}

// more tells whether more than that has come.
func (l *listener) more() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes > l.target
}

// heard waits for that many bytes since expect.
func (l *listener) heard(t *testing.T, bytes int) {
	t.Helper()
	l.mu.Lock()
	if l.bytes >= bytes {
		l.mu.Unlock()
		return
	}
	l.waits = bytes
	l.mu.Unlock()
	select {
	case <-l.heardN:
	case <-l.done:
		t.Fatalf("the speaker's socket has ended: %v", l.err)
	case <-time.After(guard):
		t.Fatal("the speaker does not hear itself")
	}
}

// say calls the hub.
func (l *listener) say(t *testing.T) {
	t.Helper()
	if _, err := l.conn.Write(l.call); err != nil {
		t.Fatal(err)
	}
}
