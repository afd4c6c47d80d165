package api

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/tenants"
)

// Root is where the addresses of the API begin.
const Root = "/api/v1/"

// Options say what the API reaches. Core, Signer and Revoke must be set if Book is.
type Options struct {
	// Book is asked with each request for the tenants as they are now. Nil: there
	// is no tenants file and so no API key, and every request is refused with words
	// that say what to configure.
	Book func() *tenants.Book

	// Core has the hubs, each of which the API reaches.
	Core *hub.Core

	// Signer signs tickets.
	Signer *keys.Signer

	// Revoke takes back the credentials of a user, or of a session, of a tenant: the
	// other of the two is empty.
	Revoke func(tenant, user, session string) error

	// MessageLimit is how long the arguments of an event may be, in bytes. Zero:
	// 32 KiB.
	MessageLimit int

	// Rate is how many requests an API key may make each second, and Burst how many
	// at once after a pause. Zero: 200 and 2,000.
	Rate, Burst int

	// Now is the time in milliseconds since 1970.
	Now func() int64

	// Log is where the API says what did not work: never with a key, a ticket or
	// what was published. Nil: nowhere.
	Log *slog.Logger
}

// Handler answers the requests below [Root]. Zero is not ready: see [New].
type Handler struct {
	options Options
	rates   *rates
	repeats *repeats

	published, refused, minted, revoked atomic.Int64
}

// New returns the handler of o.
func New(o Options) *Handler {
	if o.MessageLimit == 0 {
		o.MessageLimit = 32 << 10
	}
	if o.Rate == 0 {
		o.Rate = keyRate
	}
	if o.Burst == 0 {
		o.Burst = keyBurst
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Handler{options: o, rates: newRates(o.Rate, o.Burst), repeats: newRepeats(o.Now, answersLimit)}
}

// Stats are counters.
type Stats struct {
	Published int64 // events; one that was asked for twice with one key counts once
	Refused   int64 // requests
	Minted    int64 // tickets
	Revoked   int64 // revocations
}

// Stats returns the counters as they are now.
func (h *Handler) Stats() Stats {
	return Stats{Published: h.published.Load(), Refused: h.refused.Load(), Minted: h.minted.Load(), Revoked: h.revoked.Load()}
}

// caller is who asks: the tenant of an API key.
type caller struct {
	book   *tenants.Book
	tenant string
}

// action is what an address does, by one method.
type action struct {
	method string
	do     func(w http.ResponseWriter, r *http.Request, who caller) answer
}

// ServeHTTP answers requests whose path begins with [Root].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := h.answer(w, r)
	if a.status >= http.StatusBadRequest {
		h.refused.Add(1)
	}
	a.write(w)
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request) answer {
	who, refused := h.admit(r)
	if refused != nil {
		return refused.answer()
	}
	act, refused := h.find(r)
	if refused != nil {
		return refused.answer()
	}
	if r.Method != act.method {
		w.Header().Set("Allow", act.method)
		return (&refusal{http.StatusMethodNotAllowed, CodeMethod, "This address takes " + act.method + "."}).answer()
	}
	return act.do(w, r, who)
}

// admit says whose request r is. What is wrong with it is told in this order, so
// that a page learns nothing of keys.
func (h *Handler) admit(r *http.Request) (caller, *refusal) {
	// Programs send neither, and every page's browser one of them.
	if len(r.Header.Values("Origin")) > 0 || len(r.Header.Values("Sec-Fetch-Site")) > 0 {
		return caller{}, &refusal{http.StatusForbidden, CodeOrigin, "The API is for programs on a server: a page that knows an API key has given it to everybody."}
	}
	if h.options.Book == nil {
		return caller{}, &refusal{http.StatusNotFound, CodeNotConfigured, "This server has no API keys. They are in the file that partline serve --tenants names: partline api-key makes one, and prints the line to put there."}
	}
	secret := bearer(r)
	if secret == "" {
		return caller{}, &refusal{http.StatusUnauthorized, CodeKey, "The request needs an API key: Authorization: Bearer KEY."}
	}
	book := h.options.Book()
	tenant, name := book.ByAPIKey(secret)
	if tenant == nil {
		return caller{}, &refusal{http.StatusUnauthorized, CodeKey, "There is no such API key."}
	}
	if !h.rates.allow(keyName{tenant.Name, name}, h.options.Now()) {
		return caller{}, &refusal{http.StatusTooManyRequests, CodeRate, "The API key is used too often. Try again in a second."}
	}
	return caller{book: book, tenant: tenant.Name}, nil
}

// maxSecret is the longest API key that is looked for, in bytes.
const maxSecret = 512

// bearer is the token in r's header Authorization; empty: there is none.
func bearer(r *http.Request) string {
	const scheme = "Bearer "
	values := r.Header.Values("Authorization")
	if len(values) != 1 || len(values[0]) > maxSecret || len(values[0]) < len(scheme) || !strings.EqualFold(values[0][:len(scheme)], scheme) {
		return ""
	}
	return strings.TrimSpace(values[0][len(scheme):])
}

// find is what r's address does.
func (h *Handler) find(r *http.Request) (action, *refusal) {
	nothing := &refusal{http.StatusNotFound, CodePath, "Nothing is at this address."}
	// Of the path as it was sent, so that a name may have a slash in it.
	rest, below := strings.CutPrefix(r.URL.EscapedPath(), Root)
	if !below {
		return action{}, nothing
	}
	names := strings.Split(rest, "/")
	for i, name := range names {
		plain, err := url.PathUnescape(name)
		if err != nil {
			return action{}, nothing
		}
		names[i] = plain
	}
	switch {
	case len(names) == 1 && names[0] == "tickets":
		return action{http.MethodPost, h.ticket}, nil
	case len(names) == 1 && names[0] == "revocations":
		return action{http.MethodPost, h.revoke}, nil
	case len(names) == 3 && names[0] == "hubs" && names[2] == "connections":
		return action{http.MethodGet, h.ofHub(names[1], h.connections)}, nil
	case len(names) == 4 && names[0] == "hubs" && names[2] == "events":
		event := names[3]
		return action{http.MethodPost, h.ofHub(names[1], func(w http.ResponseWriter, r *http.Request, who caller, m *hub.Mux) answer {
			return h.publish(w, r, who, m, event)
		})}, nil
	}
	return action{}, nothing
}

// ofHub is an action on the hub called name.
func (h *Handler) ofHub(name string, do func(http.ResponseWriter, *http.Request, caller, *hub.Mux) answer) func(http.ResponseWriter, *http.Request, caller) answer {
	return func(w http.ResponseWriter, r *http.Request, who caller) answer {
		m := h.options.Core.Hub(name)
		if m == nil || m.API() == nil {
			return (&refusal{http.StatusNotFound, CodeHub, "There is no hub of that name."}).answer()
		}
		return do(w, r, who, m)
	}
}

// failed is the answer to what went wrong inside, which the log is told.
func (h *Handler) failed(what string, err error) answer {
	h.options.Log.Error("the API could not do what it was asked", "what", what, "error", err)
	return (&refusal{http.StatusInternalServerError, CodeInternal, "That did not work. The server's log says why."}).answer()
}
