package server

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"partline.dev/server/front"
	"partline.dev/server/transport"
)

// metrics are those of SignalR's own that somebody has to keep, under the names
// that OpenTelemetry gives them in Prometheus:
// signalr.server.connection.duration, in seconds.
type metrics struct {
	durations *prometheus.HistogramVec
	tickets   atomic.Int64 // that let somebody in
	expelled  atomic.Int64 // connections whose credentials were taken back
}

func newMetrics() *metrics {
	return &metrics{durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "signalr_server_connection_duration_seconds",
		Help:    "The duration of connections on the server.",
		Buckets: []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300},
	}, []string{"signalr_connection_status", "signalr_transport"})}
}

// ended is for transport.Options.Ended.
func (m *metrics) ended(e transport.Ended) {
	m.durations.WithLabelValues(string(e.Status), signalRTransport(e.Transport)).Observe(e.Duration.Seconds())
}

// signalRTransport is what SignalR's metrics call a transport.
func signalRTransport(t front.Transports) string {
	switch t {
	case front.ServerSentEvents:
		return "server_sent_events"
	case front.LongPolling:
		return "long_polling"
	}
	return "web_sockets"
}

// active is signalr.server.active_connections: those that are open, by
// transport.
type active struct{ host *transport.Host }

var activeDesc = prometheus.NewDesc("signalr_server_active_connections",
	"Number of connections that are currently active on the server.", []string{"signalr_transport"}, nil)

// Describe is prometheus.Collector's.
func (active) Describe(ch chan<- *prometheus.Desc) { ch <- activeDesc }

// Collect is prometheus.Collector's.
func (a active) Collect(ch chan<- prometheus.Metric) {
	for t, n := range a.host.Stats().Open {
		ch <- prometheus.MustNewConstMetric(activeDesc, prometheus.GaugeValue, float64(n), signalRTransport(t))
	}
}
