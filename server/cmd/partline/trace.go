package main

import (
	"context"
	"fmt"
	"time"

	"partline.dev/server"
	"partline.dev/server/telemetry/otlp"
)

// lastSpans is how long the collector may take for what is left at the end.
const lastSpans = 3 * time.Second

// trace has o send traces to --otlp-endpoint, until stop is called.
func (c *serveCommand) trace(ctx context.Context, o *server.Options) (stop func(), err error) {
	if c.OTLPEndpoint == "" {
		return func() {}, nil
	}
	traces, err := otlp.Open(ctx, otlp.Options{
		Endpoint: c.OTLPEndpoint,
		Version:  server.Version(),
		Failed:   func(err error) { o.Log.Warn("traces were not sent", "error", err) },
	})
	if err != nil {
		return nil, fmt.Errorf("--otlp-endpoint %w", err)
	}
	o.TracerProvider = traces.Provider()
	return func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSpans)
		defer cancel()
		if err := traces.Close(last); err != nil {
			o.Log.Warn("the last traces were not sent", "error", err)
		}
	}, nil
}
