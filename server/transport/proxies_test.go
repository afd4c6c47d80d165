package transport_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/internal/testkit/faultproxy"
)

// through has the server's clients come through the proxy at addr.
func (s *server) through(addr string) *server {
	other := *s
	other.open = func() (net.Conn, error) { return net.Dial("tcp", addr) }
	return &other
}

// bufferingProxy passes a body on in pieces of 4 KiB, however slowly they fill,
// and its end, and the header with the first of them. It honours nothing that a
// reply asks for.
func bufferingProxy(t *testing.T, s *server) *server {
	t.Helper()
	target, err := url.Parse("http://" + s.addr)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		FlushInterval: -1,
		ModifyResponse: func(res *http.Response) error {
			res.Header.Del("X-Accel-Buffering")
			res.Body = &bufferedBody{ReadCloser: res.Body}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	return s.through(front.Listener.Addr().String())
}

// bufferedBody gives 4 KiB at a time, or what is there at the end.
type bufferedBody struct {
	io.ReadCloser
	piece []byte // read and not given on
	err   error
}

func (b *bufferedBody) Read(p []byte) (int, error) {
	if len(b.piece) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		piece := make([]byte, 4<<10)
		n, err := io.ReadFull(b.ReadCloser, piece)
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		b.piece, b.err = piece[:n], err
	}
	n := copy(p, b.piece)
	b.piece = b.piece[n:]
	return n, nil
}

// converse says and hears through a proxy, both ways and in its own time.
func converse(t *testing.T, s *server, c talker) {
	t.Helper()
	greet(t, c)
	c.say(`{"type":6}` + "\x1e") // as the JavaScript client does
	for i := range 5 {
		said := fmt.Sprint("line ", i)
		c.say(`{"type":1,"target":"Say","invocationId":"7","arguments":["` + said + `"]}` + "\x1e")
		var got []string
		for len(got) < 2 {
			got = append(got, heardOf(t, c)...)
		}
		if want := []string{heard(said), `{"type":3,"invocationId":"7","result":null}`}; !slices.Equal(got, want) {
			t.Fatalf("heard %q, want %q", got, want)
		}
	}
	s.publish(strings.Repeat("long", 10_000))
	if got := heardOf(t, c); len(got[0]) < 40_000 {
		t.Errorf("heard %.100q", got)
	}
}

func TestProxy_thatBuffers(t *testing.T) {
	for _, way := range ways[1:] {
		t.Run(way.name, func(t *testing.T) {
			s := serve(t, nil)
			front := bufferingProxy(t, s)
			c := way.open(front, "/talk")
			converse(t, s, c)
			c.leave()
		})
	}
}

func TestProxy_thatDelays(t *testing.T) {
	eachWay(t, func(t *testing.T, open func(*server, string, ...string) talker) {
		s := serve(t, nil)
		p, err := faultproxy.Listen(s.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		p.Set(faultproxy.Fault{Delay: 200 * time.Millisecond})
		c := open(s.through(p.Addr()), "/talk")
		converse(t, s, c)
		c.leave()
		if socket, ok := c.(*socketTalker); ok {
			socket.c.expectClose(1000, "")
			_ = socket.c.conn.Close()
		}
	})
}

func TestEvents_nothingBuffers(t *testing.T) {
	// Without such a proxy no comment is sent to a client that answers, and one
	// to a client that does not.
	for name, speaks := range map[string]bool{"a client that pings": true, "a client that is silent": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serveInMemory(t, nil)
				e := s.events("/talk")
				comments := 0
				e.comment = func() { comments++ }
				greet(t, e)
				if speaks {
					e.say(`{"type":6}` + "\x1e")
				}
				time.AfterFunc(10*time.Second, func() { s.publish("later") })
				if got := heardOf(t, e); got[0] != heard("later") {
					t.Errorf("heard %q", got)
				}
				if want := map[bool]int{true: 0, false: 1}[speaks]; comments != want {
					t.Errorf("%d comments, want %d", comments, want)
				}
				e.leave()
				s.awaitGone()
			})
		})
	}
}
