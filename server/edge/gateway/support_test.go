package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partline.dev/internal/testkit/program"
	"partline.dev/server/connected"
	"partline.dev/server/edge/gateway"
	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/prerender"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
)

// rendered is the folder of what the gateway shows.
var rendered string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "partline-gateway-")
	if err == nil {
		rendered = dir
		err = prerender.Render(context.Background(), dir, prerender.Options{App: program.Built()})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// platform stands in for that of the Worker: rooms that know who may come in, a ledger,
// and a server behind.
type platform struct {
	t    testing.TB
	core *hub.Core

	mu     sync.Mutex // Protects following.
	asked  []question
	spent  map[string]bool
	refuse func(path string) (status int, answer []byte, err error) // in the place of objects; nil: they answer
	deny   bool                                                     // no address may negotiate
	counts []string                                                 // the addresses that were counted
	fails  error                                                    // of files, counting and forwarding
	sent   []*http.Request
}

// question is one that an object was asked.
type question struct {
	object, path string
	inside.Negotiation
}

// roomID is how the token of a room begins.
var roomID = strings.Repeat("0123456789abcdef", 4)

func (p *platform) File(_ context.Context, name string) ([]byte, error) {
	if p.fails != nil {
		return nil, p.fails
	}
	return os.ReadFile(filepath.Join(rendered, filepath.FromSlash(name)))
}

func (p *platform) Post(_ context.Context, object, path string, body []byte) (int, []byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := question{object: object, path: path}
	if err := json.Unmarshal(body, &q.Negotiation); err != nil || q.Version != inside.Version {
		p.t.Errorf("%s is asked %s: %v", object, body, err)
	}
	p.asked = append(p.asked, q)
	if p.refuse != nil {
		return p.refuse(path)
	}
	if path == inside.PathSpend {
		var s inside.Spend
		if err := json.Unmarshal(body, &s); err != nil || s.Until < time.Now().UnixMilli() {
			p.t.Errorf("%s is asked to spend %s: %v", object, body, err)
		}
		if p.spent[s.Ticket] {
			return answer(http.StatusUnauthorized, inside.Refusal{Status: http.StatusUnauthorized, Code: access.CodeTicketSpent, Text: "It was used before."})
		}
		p.spent[s.Ticket] = true
		return answer(http.StatusOK, struct{}{})
	}
	allowed, err := p.core.Access(q.Hub, q.Principal, q.Where)
	var public *access.Refusal
	switch {
	case err == nil:
		return answer(http.StatusOK, inside.Negotiated{ID: strings.Repeat("i", 22), Token: roomID + "." + strings.Repeat("s", 22), Access: allowed})
	case errors.As(err, &public):
		return answer(http.StatusForbidden, inside.Refusal{Status: http.StatusForbidden, Code: public.Code, Text: public.Message})
	}
	return answer(http.StatusNotFound, inside.Refusal{Status: http.StatusNotFound, Text: front.ErrPath.Text})
}

func answer(status int, v any) (int, []byte, error) {
	content, err := json.Marshal(v)
	return status, content, err
}

func (p *platform) Allow(_ context.Context, address string) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts = append(p.counts, address)
	return !p.deny, p.fails
}

// questions are those that were asked since it was last called.
func (p *platform) questions() []question {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

// edge is a gateway and what is around it.
type edge struct {
	*gateway.Handler
	*platform
	signer *keys.Signer
	log    *bytes.Buffer
}

// newEdge is one of the tenants that text declares; empty: of one, with that site.
func newEdge(t testing.TB, text string, change ...func(*gateway.Options)) *edge {
	t.Helper()
	e := &edge{signer: keys.NewSigner(keys.Random()), log: &bytes.Buffer{}}
	o := gateway.Options{Book: tenants.Single([]string{"https://site.example"}), Signer: e.signer, Log: slog.New(slog.NewTextHandler(e.log, nil))}
	if text != "" {
		book, err := tenants.Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		o.Book, o.Filed = book, true
	}
	e.platform = &platform{t: t, spent: map[string]bool{}, core: hub.NewCore(
		hub.Env{Now: func() int64 { return time.Now().UnixMilli() }, After: func(int64, func()) func() bool { return func() bool { return true } }, Go: func(f func()) { f() }},
		&hub.Options{Rules: func(p hub.Principal, hubName string) *hub.Rules { return o.Book.Tenant(p.Tenant).Rules(p, hubName) }},
	)}
	if err := e.core.Mount(connected.New()); err != nil {
		t.Fatal(err)
	}
	o.Platform = e.platform
	for _, set := range change {
		set(&o)
	}
	e.signer = o.Signer
	var err error
	if e.Handler, err = gateway.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// request is one as a client sends it; headers are pairs of name and value.
func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://parts.example"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// ask has a handler answer.
func ask(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(method, path, body, headers...))
	return w
}
