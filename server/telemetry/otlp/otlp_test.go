package otlp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"partline.dev/server/telemetry/otlp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver is a collector that keeps what it gets.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex // protects got and path
	got  []*collector.ExportTraceServiceRequest
	path string
}

func newReceiver(t *testing.T, status int) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		sent := new(collector.ExportTraceServiceRequest)
		if err := proto.Unmarshal(body, sent); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.got, r.path = append(r.got, sent), req.URL.Path
		r.mu.Unlock()
		w.Header().Set("Content-Type", "application/x-protobuf")
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

// about are the attributes of the resource that sent, one a line.
func (r *receiver) about(t *testing.T) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.got) != 1 || len(r.got[0].GetResourceSpans()) != 1 {
		t.Fatalf("%d requests", len(r.got))
	}
	var lines []string
	for _, a := range r.got[0].GetResourceSpans()[0].GetResource().GetAttributes() {
		lines = append(lines, a.GetKey()+"="+a.GetValue().GetStringValue())
	}
	return strings.Join(lines, "\n")
}

// within is a context for what should take no time.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestOpen_sendsSpans(t *testing.T) {
	for _, c := range []struct{ name, base, service, path, want string }{
		{"to the standard path", "", "", "/v1/traces", "service.name=partline"},
		{"below a path", "/collector/", "", "/collector/v1/traces", "service.name=partline"},
		{"under another name", "", "chat", "/v1/traces", "service.name=chat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("OTEL_SERVICE_NAME", c.service)
			r := newReceiver(t, http.StatusOK)
			traces, err := otlp.Open(t.Context(), otlp.Options{Endpoint: r.URL + c.base, Version: "1.2"})
			if err != nil {
				t.Fatal(err)
			}
			_, span := traces.Provider().Tracer("a test").Start(t.Context(), "a span")
			span.End()
			if err := traces.Close(within(t)); err != nil {
				t.Fatal(err)
			}
			about := r.about(t)
			if r.path != c.path || !strings.Contains(about, c.want) || !strings.Contains(about, "service.version=1.2") {
				t.Errorf("at %s, of %s", r.path, about)
			}
			if got := r.got[0].GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()[0].GetName(); got != "a span" {
				t.Errorf("the span is %q", got)
			}
		})
	}
}

func TestClose_saysWhatTheCollectorSaid(t *testing.T) {
	said := make(chan error, 1)
	r := newReceiver(t, http.StatusForbidden)
	traces, err := otlp.Open(t.Context(), otlp.Options{Endpoint: r.URL, Failed: func(err error) { said <- err }})
	if err != nil {
		t.Fatal(err)
	}
	_, span := traces.Provider().Tracer("a test").Start(t.Context(), "a span")
	span.End()
	closed := traces.Close(within(t))
	select {
	case err := <-said:
		closed = err
	default:
	}
	if closed == nil || !strings.Contains(closed.Error(), "403") {
		t.Errorf("of a collector that refuses it says %v", closed)
	}
}

func TestOpen_saysWhatIsWrong(t *testing.T) {
	for _, endpoint := range []string{"", "localhost:4318", "grpc://localhost:4317", "http://", "http://%zz", "http:localhost"} {
		if traces, err := otlp.Open(t.Context(), otlp.Options{Endpoint: endpoint}); err == nil || !strings.Contains(err.Error(), "http://localhost:4318") {
			t.Errorf("%q: %v, %v", endpoint, traces, err)
		}
	}
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "no pairs")
	if _, err := otlp.Open(t.Context(), otlp.Options{Endpoint: "http://localhost:4318"}); err == nil || !strings.Contains(err.Error(), "OTEL_RESOURCE_ATTRIBUTES") {
		t.Errorf("with attributes that are none: %v", err)
	}
}
