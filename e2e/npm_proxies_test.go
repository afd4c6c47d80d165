package e2e_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"partline.dev/internal/testkit/faultproxy"
)

// someSuites are tests of the suites that have everything which goes to and fro.
const someSuites = "invoke, and its result|on and off|a stream and its end|an upload and its result|the hub asks its caller|stop, and its onclose"

// The npm clients do their work behind a proxy that keeps a reply back until it
// has 4 KiB of it, whatever its headers ask for, and behind one that takes 200 ms
// for each piece.
func TestNPM_behindBadProxies(t *testing.T) {
	t.Parallel()
	for _, proxy := range []struct {
		name  string
		serve func(t *testing.T, target string) (base string)
		in    []string
	}{
		{"that buffers", bufferingProxy, []string{"Node", "Chromium"}},
		{"that delays", delayingProxy, []string{"Node"}}, // a browser waits as long
	} {
		for _, at := range []place{
			{Transport: "ServerSentEvents", Protocol: "json"},
			{Transport: "LongPolling", Protocol: "json"},
			{Transport: "LongPolling", Protocol: "messagepack"},
		} {
			for _, name := range proxy.in {
				t.Run(proxy.name+" "+name+" "+at.Transport+" "+at.Protocol, func(t *testing.T) {
					t.Parallel()
					n := newNPMSite(t)
					at := at
					at.Control = n.origin
					at.Base = proxy.serve(t, startTestServer(t, n))
					outcomes := platforms[name](t, at, n, someSuites)
					if want := strings.Count(someSuites, "|") + 1; len(outcomes) != want {
						t.Errorf("%d tests ran, want %d", len(outcomes), want)
					}
					for _, o := range outcomes {
						if o.Outcome != "ok" {
							t.Errorf("%s: %s", o.Name, o.Text)
						}
					}
				})
			}
		}
	}
}

// bufferingProxy passes the body of a reply on in pieces of 4 KiB, and the rest
// at its end.
func bufferingProxy(t *testing.T, target string) (base string) {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(res *http.Response) error {
			res.Body = &inPieces{res.Body}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(s.CloseClientConnections)
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// inPieces is read 4 KiB at a time.
type inPieces struct{ io.ReadCloser }

func (b *inPieces) Read(p []byte) (int, error) {
	const piece = 4 << 10
	n, err := io.ReadFull(b.ReadCloser, p[:min(piece, len(p))])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

func delayingProxy(t *testing.T, target string) (base string) {
	t.Helper()
	p, err := faultproxy.Listen(strings.TrimPrefix(target, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	p.Set(faultproxy.Fault{Delay: 200 * time.Millisecond})
	return "http://" + strings.Replace(p.Addr(), "127.0.0.1", "localhost", 1)
}
