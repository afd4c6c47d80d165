package gateway

import (
	"bytes"
	"io"
	"net/http"
	"net/netip"
	"net/url"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// errBehind is what a client hears if the server behind does not answer.
var errBehind = &front.Refusal{Status: http.StatusServiceUnavailable, Text: "The server of the hubs does not answer now. Try again.", Retry: 1}

// sendOn has the server behind answer r, if it is no negotiation that would be refused.
func (h *Handler) sendOn(w http.ResponseWriter, r *http.Request, name string) *front.Refusal {
	if front.IsNegotiate(r.URL.Path) && r.Method == http.MethodPost {
		if refused := h.mayGoOn(w, r, name); refused != nil {
			return refused
		}
	}
	if err := h.platform.Forward(w, h.forwarded(r)); err != nil {
		h.options.Log.Error("the server behind does not answer", "error", err)
		return errBehind
	}
	return nil
}

// mayGoOn says that the negotiation r is not refused here, and leaves its body to be
// read again. A ticket is not used up: the server behind does that.
func (h *Handler) mayGoOn(w http.ResponseWriter, r *http.Request, name string) *front.Refusal {
	var read bytes.Buffer
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(r.Body, &read), r.Body}
	asked, refused := h.begin(w, r)
	if refused != nil {
		return refused
	}
	r.Body = io.NopCloser(&read)
	if h.authority == nil {
		return nil
	}
	if _, err := h.authority.Negotiate(r, h.at(r, name), asked); err != nil {
		return h.callerRefusal(name, hub.Principal{}, err)
	}
	return nil
}

// forwarded is r as the server behind gets it: what the client has sent, and where it
// has sent it from and to, which only the gateway says.
func (h *Handler) forwarded(r *http.Request) *http.Request {
	next := r.Clone(r.Context())
	next.RequestURI = ""
	next.URL = &url.URL{Scheme: h.behind.Scheme, Host: h.behind.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	next.Host = h.behind.Host
	for _, name := range []string{"Forwarded", "Host", "Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		next.Header.Del(name)
	}
	next.Header.Del("X-Forwarded-For")
	if client, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		next.Header.Set("X-Forwarded-For", client.Addr().Unmap().WithZone("").String())
	}
	next.Header.Set("X-Forwarded-Host", r.Host)
	next.Header.Set("X-Forwarded-Proto", scheme(r))
	return next
}

func scheme(r *http.Request) string {
	if r.TLS != nil || r.URL.Scheme == "https" {
		return "https"
	}
	return "http"
}
