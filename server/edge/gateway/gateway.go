package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"partline.dev/server/auth"
	"partline.dev/server/front"
	"partline.dev/server/keys"
	"partline.dev/server/origin"
	"partline.dev/server/page"
	"partline.dev/server/tenants"
)

// Options say for whom the gateway is. Platform and Log must be there.
type Options struct {
	Platform Platform

	// Book are the tenants. Nil: one tenant, which no other site may show.
	Book *tenants.Book

	// Filed tells that Book is that of a file of tenants, so that a site that is not
	// allowed reads which line would allow it.
	Filed bool

	// Signer verifies tickets and session tokens, and signs the latter. Nil: none is
	// good; with Origin, they are the server's to judge.
	Signer *keys.Signer

	// PublicURL is where people reach the gateway, as https://parts.example. Empty:
	// where each request was sent to.
	PublicURL string

	// Origin is the server that has the hubs, as https://hubs.example. Empty: they
	// are in rooms.
	Origin string

	// Fetch brings the keys of issuers. Nil: no bearer token is taken.
	Fetch auth.Fetch

	// Log is told what goes wrong, and never a token.
	Log *slog.Logger
}

// Handler is the gateway.
type Handler struct {
	options   Options
	platform  Platform
	book      *tenants.Book
	policy    *front.Policy // which pages may reach the hubs
	own       *front.Policy // which allows the gateway's own site only
	headers   page.Headers
	authority *auth.Authority // nil: the server behind says who comes in
	behind    *url.URL        // the server that has the hubs; nil: they are in rooms
}

// New returns the gateway, which is closed with Close. The error says what is wrong
// with o.
func New(o Options) (*Handler, error) {
	h := &Handler{options: o, platform: o.Platform, book: o.Book}
	if h.book == nil {
		h.book = tenants.Single(nil)
	}
	if o.PublicURL != "" {
		public, err := origin.Parse(strings.TrimSuffix(o.PublicURL, "/"))
		if err != nil {
			return nil, fmt.Errorf("PUBLIC_URL %q: %w", o.PublicURL, err)
		}
		o.PublicURL = public.String()
		h.headers.Scheme, h.headers.Host, _ = strings.Cut(o.PublicURL, "://")
	}
	if o.Origin != "" {
		behind, err := origin.Parse(strings.TrimSuffix(o.Origin, "/"))
		if err != nil {
			return nil, fmt.Errorf("ORIGIN %q: %w", o.Origin, err)
		}
		h.behind = &url.URL{Scheme: behind.Scheme(), Host: strings.TrimPrefix(behind.String(), behind.Scheme()+"://")}
	}
	var err, ownErr error
	h.policy, err = front.NewPolicy(o.PublicURL, h.book.Hosts())
	h.own, ownErr = front.NewPolicy(o.PublicURL, nil)
	if err := errors.Join(err, ownErr); err != nil {
		return nil, err
	}
	if h.behind != nil && o.Signer == nil {
		return h, nil
	}
	return h, h.authorize()
}

// authorize makes the authority.
func (h *Handler) authorize() (err error) {
	o := auth.Options{
		Book:   func() *tenants.Book { return h.book },
		Signer: h.options.Signer,
		Log:    h.options.Log,
		Fetch:  h.options.Fetch,
		Ledger: ledger{h},
	}
	if o.Signer == nil {
		o.Signer = keys.NewSigner(keys.Random()) // nobody has these keys
	}
	if h.behind != nil {
		o.Ledger = elsewhere{}
	}
	h.authority, err = auth.New(o)
	return err
}

// Close ends what runs, and waits for it.
func (h *Handler) Close() error {
	if h.authority == nil {
		return nil
	}
	return h.authority.Close()
}

// ServeHTTP answers what is not led to a room by its address.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer h.recover(w)
	path := strings.ToLower(strings.TrimSuffix(r.URL.Path, "/"))
	switch {
	case path == "/healthz" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		page.Answer(w, http.StatusOK, "ok")
	case isHub(path):
		h.serveHub(w, r)
	case h.behind != nil && strings.HasPrefix(path, apiRoot):
		if refused := h.sendOn(w, r, ""); refused != nil {
			refused.Write(w)
		}
	default:
		h.servePage(w, r)
	}
}

// recover answers w if who answers has failed.
func (h *Handler) recover(w http.ResponseWriter) {
	if failure := recover(); failure != nil {
		h.options.Log.Error("a request could not be answered", "panic", failure)
		page.Answer(w, http.StatusInternalServerError, "internal error")
	}
}

// apiRoot is where programs call a server that has the hubs. They are no pages, and
// bring keys of their own.
const apiRoot = "/api/"

// isHub tells whether a hub is at path, in lower case, or could be.
func isHub(path string) bool {
	return front.IsNegotiate(path) || strings.HasPrefix(path, "/hubs/") || path == "/signalr" || strings.HasPrefix(path, "/signalr/")
}
