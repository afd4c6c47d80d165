package classic

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"partline.dev/server/front"
)

// serveNegotiate answers with a connection token, for a connection that does not
// exist yet: nothing is kept for it.
func (h *Handler) serveNegotiate(q *request) *refusal {
	if to, ok := h.redirected(q); ok {
		h.reply(q.w, to)
		return nil
	}
	if q.admission.Handover {
		return errHandover
	}
	h.host.Negotiated()
	id := newGUID()
	b := append(make([]byte, 0, 512), `{"Url":`...)
	b = appendText(b, h.options.Prefix+strings.TrimSuffix(strings.TrimSuffix(q.r.URL.EscapedPath(), "/"), lastPartAsSent(q.r.URL.EscapedPath())))
	b = append(b, `,"ConnectionToken":`...)
	b = appendText(b, h.signToken(id, q.principal))
	b = append(b, `,"ConnectionId":"`...)
	b = append(b, id.String()...)
	b = append(b, `","KeepAliveTimeout":`...)
	b = appendSeconds(b, 2*h.options.KeepAlive)
	b = append(b, `,"DisconnectTimeout":`...)
	b = appendSeconds(b, h.options.DisconnectTimeout)
	b = append(b, `,"ConnectionTimeout":`...)
	b = appendSeconds(b, h.options.PollTimeout)
	b = append(b, `,"TryWebSockets":`...)
	b = strconv.AppendBool(b, h.transports()&front.WebSockets != 0)
	b = append(b, `,"ProtocolVersion":"`...)
	b = append(b, q.version.spoken().String()...)
	b = append(b, `","TransportConnectTimeout":`...)
	b = appendSeconds(b, h.options.ConnectTimeout)
	b = append(b, `,"LongPollDelay":`...)
	b = appendSeconds(b, h.options.PollDelay)
	h.reply(q.w, append(b, '}'))
	return nil
}

// redirected is what sends the client of q elsewhere, or, with another token, once
// more to the same address; not ok: it stays.
func (h *Handler) redirected(q *request) (reply []byte, ok bool) {
	if !q.version.redirects() {
		return nil, false
	}
	a := &q.admission
	if redirect := h.options.Redirect; redirect != nil {
		if url, accessToken, ok := redirect(q.r, q.principal); ok {
			if accessToken == "" && a.Handover {
				accessToken = a.SessionToken
			}
			return appendRedirect(nil, q.version.spoken(), url, accessToken), true
		}
	}
	if !a.Handover {
		return nil, false
	}
	// What stands after the question mark takes the place of the page's own
	// parameters, of which one was used up. Nothing is something, too.
	address, query := h.host.PublicAddress(q.r, h.options.Prefix, clientParameters...)
	return appendRedirect(nil, q.version.spoken(), address+"?"+query, a.SessionToken), true
}

// clientParameters are those that clients add to what their page gave them.
var clientParameters = []string{"clientProtocol", "connectionData", "connectionToken", "transport", "tid", "_"}

// lastPartAsSent is the slash and what comes after it at the end of a path.
func lastPartAsSent(path string) string {
	path = strings.TrimSuffix(path, "/")
	return path[max(strings.LastIndexByte(path, '/'), 0):]
}

// appendRedirect appends what sends a client elsewhere, to negotiate again.
func appendRedirect(dst []byte, v version, url, accessToken string) []byte {
	dst = append(dst, `{"ProtocolVersion":"`...)
	dst = append(dst, v.String()...)
	dst = append(dst, `","RedirectUrl":`...)
	dst = appendText(dst, url)
	if accessToken != "" {
		dst = append(dst, `,"AccessToken":`...)
		dst = appendText(dst, accessToken)
	}
	return append(dst, '}')
}

// appendSeconds appends a time in seconds as .NET writes a double: with a point.
func appendSeconds(dst []byte, d time.Duration) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, d.Seconds(), 'f', -1, 64)
	if !strings.Contains(string(dst[start:]), ".") {
		dst = append(dst, ".0"...)
	}
	return dst
}

// servePing shows a client that the server is there, and still knows it.
func (h *Handler) servePing(q *request) *refusal {
	h.reply(q.w, []byte(`{ "Response": "pong" }`))
	return nil
}

// jsonType is what SignalR calls JSON.
const jsonType = "application/json; charset=UTF-8"

// reply answers w with JSON.
func (h *Handler) reply(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that is gone needs no reply
}
