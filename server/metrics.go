package server

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"partline.dev/server/transport"
)

// metricsHandler serves the server's counters, and those of Go and the process,
// in Prometheus' format.
func (s *Server) metricsHandler() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		s.metrics.durations,
		active{s.host},
	)
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "partline", Name: name, Help: help}, value))
	}
	counter := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "partline", Name: name, Help: help}, value))
	}
	gauge("connections", "Connections that are open.", func() float64 { return float64(s.core.Stats().Connections) })
	gauge("rooms", "Rooms (everybody on a hub, groups, users) that have members.", func() float64 { return float64(s.core.Stats().Rooms) })
	counter("invocations_total", "Invocations that began.", func() float64 { return float64(s.core.Stats().Invocations) })
	counter("handler_panics_total", "Hub methods that panicked.", func() float64 { return float64(s.core.Stats().Panics) })
	counter("slow_connections_closed_total", "Connections closed because they read too slowly.", func() float64 { return float64(s.core.Stats().Overflows) })
	gauge("handshakes_pending", "Sockets that have not said yet what they speak.", func() float64 { return float64(s.host.Stats().Handshaking) })
	gauge("negotiations_pending", "Negotiated connections that are not open yet.", func() float64 { return float64(s.host.Stats().Pending) })
	counter("negotiations_total", "Negotiations answered with a connection.", func() float64 { return float64(s.host.Stats().Negotiations) })
	counter("requests_refused_total", "Requests to a hub refused before they were a connection.", func() float64 { return float64(s.host.Stats().Refused) })
	counter("received_bytes_total", "Bytes read from clients.", func() float64 { return float64(s.host.Stats().BytesIn) })
	counter("sent_bytes_total", "Bytes written to clients.", func() float64 { return float64(s.host.Stats().BytesOut) })
	r.MustRegister(closes{s.host})
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

// closes counts the sockets that were closed, by reason.
type closes struct{ host *transport.Host }

var closesDesc = prometheus.NewDesc("partline_closes_total", "Sockets closed, by reason.", []string{"reason"}, nil)

// Describe is prometheus.Collector's.
func (closes) Describe(ch chan<- *prometheus.Desc) { ch <- closesDesc }

// Collect is prometheus.Collector's.
func (c closes) Collect(ch chan<- prometheus.Metric) {
	for reason, n := range c.host.Stats().Closes {
		ch <- prometheus.MustNewConstMetric(closesDesc, prometheus.CounterValue, float64(n), reason)
	}
}
