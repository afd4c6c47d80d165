// Package telemetry makes OpenTelemetry spans of what a server does: who
// negotiates, which methods and streams run, what is published.
//
//	tracer := telemetry.NewTracer(provider)
//	core := hub.NewCore(env, &hub.Options{Trace: tracer.Hook()})
//
// A call of a hub is a span of the source Microsoft.AspNetCore.SignalR.Server,
// named and tagged as ASP.NET Core SignalR's activity InvocationIn is, so that
// dashboards go on working. What SignalR has no activity for, a negotiation, a
// publish and a client result, is of a source of our own. No span holds a token,
// an id of a connection, a user, an argument or the text of an error.
//
// Concurrency: a [Tracer] may be used from any goroutine. Nothing here blocks.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"partline.dev/server/hub"
)

// The sources of our spans.
const (
	signalRSource = "Microsoft.AspNetCore.SignalR.Server"
	ownSource     = "partline.dev/server"
)

// invocationIn is what SignalR calls a call of a hub.
const invocationIn = signalRSource + ".InvocationIn"

// Tracer makes spans of what a server does. Nil is one that makes none, at no
// cost.
type Tracer struct {
	signalR, own trace.Tracer
}

// NewTracer returns a tracer that begins its spans with p; nil if p is nil.
func NewTracer(p trace.TracerProvider) *Tracer {
	if p == nil {
		return nil
	}
	return &Tracer{signalR: p.Tracer(signalRSource), own: p.Tracer(ownSource)}
}

// Hook is for [hub.Options.Trace]; nil if t is.
func (t *Tracer) Hook() func(context.Context, hub.Operation) (context.Context, func(error)) {
	if t == nil {
		return nil
	}
	return t.operation
}

// operation begins the span of an operation of the core.
func (t *Tracer) operation(ctx context.Context, o hub.Operation) (context.Context, func(error)) {
	tracer, name, kind := t.signalR, o.Method, trace.SpanKindServer
	attributes := []attribute.KeyValue{
		attribute.String("rpc.system", "signalr"),
		attribute.String("rpc.service", o.Hub),
	}
	switch o.Kind {
	case hub.OperationConnect:
		name = "OnConnectedAsync"
	case hub.OperationReconnect:
		name = "OnReconnectedAsync"
	case hub.OperationDisconnect:
		name = "OnDisconnectedAsync"
	case hub.OperationPublish:
		tracer, kind = t.own, trace.SpanKindProducer
	case hub.OperationQuery:
		tracer, kind = t.own, trace.SpanKindClient
	}
	attributes = append(attributes, attribute.String("rpc.method", name))
	span := o.Hub + "/" + name
	var options []trace.SpanStartOption
	switch o.Kind {
	case hub.OperationPublish:
		span = "publish " + span
	case hub.OperationQuery:
		span = "invoke " + span
	default:
		attributes = append(attributes, attribute.String("signalr.activity", invocationIn))
		// The span of the request that connected, where somebody made one, may
		// have ended long ago. As SignalR does, a call is linked to it.
		options = append(options, trace.WithNewRoot())
		if connected := trace.SpanContextFromContext(ctx); connected.IsValid() {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: connected}))
		}
	}
	options = append(options, trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
	ctx, s := tracer.Start(ctx, span, options...) //nolint:spancheck // the function that is returned ends it
	return ctx, func(err error) {                 //nolint:spancheck // as above
		if err != nil {
			s.SetStatus(codes.Error, "")
			s.SetAttributes(attribute.String("error.type", errorType(err)))
		}
		s.End()
	}
}

// errorType is the kind of an error, in few words and never its text.
func errorType(err error) string {
	var public *hub.Error
	switch {
	case errors.As(err, &public):
		return "HubException"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

// Negotiate is h with a span for each negotiation, of which those of clients of
// SignalR 2 are GETs; route is the path at which h is mounted. A client that sends the header traceparent has the span in its own
// trace. If t is nil it is h.
func (t *Tracer) Negotiate(route string, h http.Handler) http.Handler {
	if t == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost && r.Method != http.MethodGet || !isNegotiation(r) {
			h.ServeHTTP(w, r)
			return
		}
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, s := t.own.Start(ctx, r.Method+" "+route+"/negotiate", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			attribute.String("http.request.method", r.Method),
			attribute.String("http.route", route+"/negotiate"),
		))
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			s.SetAttributes(attribute.Int("http.response.status_code", status.status))
			if status.status >= http.StatusInternalServerError {
				s.SetStatus(codes.Error, "")
			}
			s.End()
		}()
		h.ServeHTTP(status, r.WithContext(ctx))
	})
}
