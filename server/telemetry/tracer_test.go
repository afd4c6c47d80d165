package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"partline.dev/server/hub"
	"partline.dev/server/telemetry"
)

// recording is a tracer, and where its spans are once they have ended.
func recording() (*telemetry.Tracer, *tracetest.SpanRecorder) {
	r := tracetest.NewSpanRecorder()
	return telemetry.NewTracer(sdk.NewTracerProvider(sdk.WithSpanProcessor(r))), r
}

// only is the one span that has ended.
func only(t *testing.T, r *tracetest.SpanRecorder) sdk.ReadOnlySpan {
	t.Helper()
	spans := r.Ended()
	if len(spans) != 1 {
		t.Fatalf("%d spans have ended, not 1", len(spans))
	}
	return spans[0]
}

// tags are a span's attributes, one a line.
func tags(s sdk.ReadOnlySpan) string {
	set := attribute.NewSet(s.Attributes()...)
	var lines []string
	for _, a := range set.ToSlice() {
		lines = append(lines, string(a.Key)+"="+a.Value.String())
	}
	return strings.Join(lines, "\n")
}

func TestOperation(t *testing.T) {
	const signalR, own = "Microsoft.AspNetCore.SignalR.Server", "partline.dev/server"
	in := "rpc.method=%s\nrpc.service=chat\nrpc.system=signalr\nsignalr.activity=Microsoft.AspNetCore.SignalR.Server.InvocationIn"
	out := "rpc.method=%s\nrpc.service=chat\nrpc.system=signalr"
	for _, c := range []struct {
		kind           hub.OperationKind
		method         string
		source, name   string
		tags, finished string
		span           trace.SpanKind
	}{
		{hub.OperationConnect, "", signalR, "chat/OnConnectedAsync", in, "OnConnectedAsync", trace.SpanKindServer},
		{hub.OperationReconnect, "", signalR, "chat/OnReconnectedAsync", in, "OnReconnectedAsync", trace.SpanKindServer},
		{hub.OperationDisconnect, "", signalR, "chat/OnDisconnectedAsync", in, "OnDisconnectedAsync", trace.SpanKindServer},
		{hub.OperationInvoke, "Send", signalR, "chat/Send", in, "Send", trace.SpanKindServer},
		{hub.OperationStream, "Replay", signalR, "chat/Replay", in, "Replay", trace.SpanKindServer},
		{hub.OperationPublish, "said", own, "publish chat/said", out, "said", trace.SpanKindProducer},
		{hub.OperationQuery, "confirm", own, "invoke chat/confirm", out, "confirm", trace.SpanKindClient},
	} {
		t.Run(c.name, func(t *testing.T) {
			tracer, r := recording()
			ctx, end := tracer.Hook()(t.Context(), hub.Operation{Kind: c.kind, Hub: "chat", Method: c.method, Connection: "secret"})
			if !trace.SpanContextFromContext(ctx).IsValid() {
				t.Error("the operation is not in the span")
			}
			end(nil)
			s := only(t, r)
			if s.Name() != c.name || s.InstrumentationScope().Name != c.source || s.SpanKind() != c.span || s.Status().Code != codes.Unset {
				t.Errorf("%s of %s, kind %v, status %v", s.Name(), s.InstrumentationScope().Name, s.SpanKind(), s.Status())
			}
			if got, want := tags(s), fmt.Sprintf(c.tags, c.finished); got != want {
				t.Errorf("tags\n%s\nwant\n%s", got, want)
			}
		})
	}
}

type loud struct{ secret string }

func (e *loud) Error() string { return e.secret }

// An error is told by its kind; its text stays here.
func TestOperation_fails(t *testing.T) {
	for want, err := range map[string]error{
		"HubException":         fmt.Errorf("secret: %w", hub.Errorf("secret")),
		"canceled":             fmt.Errorf("secret: %w", context.Canceled),
		"timeout":              context.DeadlineExceeded,
		"*telemetry_test.loud": fmt.Errorf("secret: %w", &loud{"secret"}),
		"*errors.errorString":  errors.New("secret"),
		"*errors.joinError":    errors.Join(errors.New("secret"), errors.New("secret")),
	} {
		t.Run(want, func(t *testing.T) {
			tracer, r := recording()
			_, end := tracer.Hook()(t.Context(), hub.Operation{Kind: hub.OperationInvoke, Hub: "chat", Method: "Send"})
			end(err)
			s := only(t, r)
			if s.Status().Code != codes.Error || !strings.Contains(tags(s), "error.type="+want+"\n") {
				t.Errorf("status %v, tags %s", s.Status(), tags(s))
			}
			if all := fmt.Sprint(s.Status(), tags(s), s.Events(), s.Name()); strings.Contains(all, "secret") {
				t.Errorf("the span tells: %s", all)
			}
		})
	}
}

// What a method does is inside its span.
func TestOperation_nests(t *testing.T) {
	tracer, r := recording()
	ctx, end := tracer.Hook()(t.Context(), hub.Operation{Kind: hub.OperationInvoke, Hub: "chat", Method: "Send"})
	_, endInner := tracer.Hook()(ctx, hub.Operation{Kind: hub.OperationPublish, Hub: "chat", Method: "said"})
	endInner(nil)
	end(nil)
	spans := r.Ended()
	if len(spans) != 2 || spans[0].Parent().SpanID() != spans[1].SpanContext().SpanID() {
		t.Errorf("%d spans, the first of %v", len(spans), spans[0].Parent().SpanID())
	}
}

// A call is not inside the request that connected, which may be long over; it is
// linked to it.
func TestOperation_isLinkedToTheRequestThatConnected(t *testing.T) {
	tracer, r := recording()
	request := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	ctx := trace.ContextWithSpanContext(t.Context(), request)
	_, end := tracer.Hook()(ctx, hub.Operation{Kind: hub.OperationInvoke, Hub: "chat", Method: "Send"})
	end(nil)
	s := only(t, r)
	if s.Parent().IsValid() || s.SpanContext().TraceID() == request.TraceID() {
		t.Errorf("the call is inside %v", s.Parent().SpanID())
	}
	if links := s.Links(); len(links) != 1 || !links[0].SpanContext.Equal(request) {
		t.Errorf("it is linked to %v", links)
	}
}

func TestNegotiate(t *testing.T) {
	const remote = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, c := range []struct {
		name, method, target, traceparent string
		status                            int
		spans                             int
		code                              codes.Code
	}{
		{"a negotiation", "POST", "/chat/negotiate?negotiateVersion=1&token=secret", "", 200, 1, codes.Unset},
		{"one of SignalR 2", "GET", "/chat/negotiate?clientProtocol=2.1&connectionData=secret", "", 200, 1, codes.Unset},
		{"in another case, with a slash", "POST", "/CHAT/Negotiate/", "", 200, 1, codes.Unset},
		{"of somebody's trace", "POST", "/chat/negotiate", "00-" + remote + "-00f067aa0ba902b7-01", 200, 1, codes.Unset},
		{"with a trace that is none", "POST", "/chat/negotiate", "00-secret-01", 200, 1, codes.Unset},
		{"refused", "POST", "/chat/negotiate", "", 401, 1, codes.Unset},
		{"failed", "POST", "/chat/negotiate", "", 503, 1, codes.Error},
		{"a poll", "GET", "/chat?id=secret", "", 200, 0, codes.Unset},
		{"a message", "POST", "/chat?id=secret", "", 200, 0, codes.Unset},
		{"a preflight", "OPTIONS", "/chat/negotiate", "", 204, 0, codes.Unset},
	} {
		t.Run(c.name, func(t *testing.T) {
			tracer, r := recording()
			inside := false
			h := tracer.Negotiate("/chat", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inside = trace.SpanContextFromContext(r.Context()).IsValid()
				w.WriteHeader(c.status)
			}))
			request := httptest.NewRequest(c.method, c.target, nil)
			request.Header.Set("Authorization", "Bearer secret")
			if c.traceparent != "" {
				request.Header.Set("Traceparent", c.traceparent)
			}
			reply := httptest.NewRecorder()
			h.ServeHTTP(reply, request)
			if reply.Code != c.status || inside != (c.spans == 1) {
				t.Errorf("status %d, inside a span: %v", reply.Code, inside)
			}
			if len(r.Ended()) != c.spans {
				t.Fatalf("%d spans, want %d", len(r.Ended()), c.spans)
			}
			if c.spans == 0 {
				return
			}
			s := only(t, r)
			want := fmt.Sprintf("http.request.method=%s\nhttp.response.status_code=%d\nhttp.route=/chat/negotiate", c.method, c.status)
			if s.Name() != c.method+" /chat/negotiate" || tags(s) != want || s.Status().Code != c.code || s.SpanKind() != trace.SpanKindServer {
				t.Errorf("%s, status %v, tags\n%s", s.Name(), s.Status(), tags(s))
			}
			if got := s.SpanContext().TraceID().String() == remote; got != strings.Contains(c.traceparent, remote) {
				t.Errorf("in the client's trace: %v", got)
			}
		})
	}
}

// Who traces nothing pays nothing.
func TestTracer_off(t *testing.T) {
	tracer := telemetry.NewTracer(nil)
	if tracer.Hook() != nil {
		t.Error("there is a hook")
	}
	h := http.NewServeMux()
	if tracer.Negotiate("/chat", h) != http.Handler(h) {
		t.Error("the handler is another")
	}
}
