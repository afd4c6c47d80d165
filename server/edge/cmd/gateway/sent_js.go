//go:build js && wasm

package main

import (
	"net/http"
	"net/netip"
	"strings"
	"syscall/js"
)

// asSent shows next each request as net/http would: package workers cuts headers at
// their commas, and knows neither version nor port.
func asSent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			r.Header[name] = []string{strings.Join(values, ",")}
		}
		r.Host, r.Proto, r.ProtoMajor, r.ProtoMinor = r.URL.Host, "HTTP/1.1", 1, 1
		if client, err := netip.ParseAddr(r.RemoteAddr); err == nil {
			r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
		}
		if raw, ok := w.(rawWriter); ok && r.Method == http.MethodHead {
			raw.WriteRawJSBody(js.Null())
			w = bodiless{w}
		}
		next.ServeHTTP(w, r)
	})
}

// rawWriter is an answer of package workers, which may have a body that is not Go's.
type rawWriter interface{ WriteRawJSBody(body js.Value) }

// bodiless is an answer to HEAD: nobody reads its body.
type bodiless struct{ http.ResponseWriter }

func (bodiless) Write(content []byte) (int, error) { return len(content), nil }

func (bodiless) WriteRawJSBody(js.Value) {}
