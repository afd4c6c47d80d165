// Package otlp sends traces to a collector, by OpenTelemetry's protocol over HTTP.
// It is a package of its own because its exporter is three megabytes of a program;
// who has a TracerProvider already needs none of it.
//
//	traces, err := otlp.Open(ctx, otlp.Options{Endpoint: "http://localhost:4318"})
//	defer traces.Close(ctx)
//	s, err := server.New(server.Options{TracerProvider: traces.Provider()})
//
// Concurrency: everything may be used from any goroutine. Spans are sent in the
// background, in batches; when a collector is slow or gone they are dropped, and
// no call waits for it. Close waits until what is left is sent.
package otlp

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options says where traces go.
type Options struct {
	// Endpoint is the collector's base address for OTLP over HTTP, as
	// http://localhost:4318; spans are posted to v1/traces below it.
	Endpoint string

	// Version is the version of the program. Empty: none is told.
	Version string

	// Failed is called with what a collector said that took no spans, or why
	// none could be reached. It becomes OpenTelemetry's handler of errors, of
	// which a program has one. Nil: the errors go where they did before.
	Failed func(error)
}

// Traces sends spans to a collector, until it is closed.
type Traces struct {
	provider *sdk.TracerProvider
}

// Open makes what sends spans to o.Endpoint. It does not connect: a collector may
// come and go. What else can be said of it, the standard environment variables of
// OpenTelemetry say: OTEL_SERVICE_NAME (default: partline),
// OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS and
// the like. The error says what is wrong with the address.
func Open(ctx context.Context, o Options) (*Traces, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q: it must be an address as http://localhost:4318", o.Endpoint)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.JoinPath("v1", "traces").String()))
	if err != nil {
		return nil, err
	}
	about := []attribute.KeyValue{attribute.String("service.name", "partline")}
	if o.Version != "" {
		about = append(about, attribute.String("service.version", o.Version))
	}
	// Of two that say the same, the later counts: the environment.
	r, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(about...), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	if o.Failed != nil {
		otel.SetErrorHandler(otel.ErrorHandlerFunc(o.Failed))
	}
	return &Traces{sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(r))}, nil
}

// Provider is what traces are begun with.
func (t *Traces) Provider() trace.TracerProvider { return t.provider }

// Close sends what is left, and no more after that. Its error is ctx's, or what
// the collector said.
func (t *Traces) Close(ctx context.Context) error {
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("traces: %s", strings.TrimSpace(err.Error()))
	}
	return nil
}
