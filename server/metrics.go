package server

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"partline.dev/server/classic"
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
		links{s.host},
		admitted{s},
	)
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "partline", Name: name, Help: help}, value))
	}
	counter := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "partline", Name: name, Help: help}, value))
	}
	gauge("connections", "Connections that are open, each of one hub.", func() float64 { return float64(s.core.Stats().Connections) })
	gauge("rooms", "Rooms (everybody on a hub, groups, users) that have members.", func() float64 { return float64(s.core.Stats().Rooms) })
	counter("invocations_total", "Invocations that began.", func() float64 { return float64(s.core.Stats().Invocations) })
	counter("handler_panics_total", "Hub methods that panicked.", func() float64 { return float64(s.core.Stats().Panics) })
	counter("slow_connections_closed_total", "Connections closed because they read too slowly.", func() float64 { return float64(s.core.Stats().Overflows) })
	gauge("handshakes_pending", "Sockets that have not said yet what they speak.", func() float64 { return float64(s.host.Stats().Handshaking) })
	gauge("negotiations_pending", "Negotiated connections that are not open yet.", func() float64 { return float64(s.host.Stats().Pending) })
	gauge("polls_waiting", "Long polls that wait for something to say.", func() float64 { return float64(s.host.Stats().Polls) })
	counter("negotiations_total", "Negotiations answered with a connection.", func() float64 { return float64(s.host.Stats().Negotiations) })
	counter("requests_refused_total", "Requests to a hub refused before they were a connection.", func() float64 { return float64(s.host.Stats().Refused) })
	counter("rate_refused_total", "Calls, items of uploads and publishes refused because there were too many in too short a time.", func() float64 { return float64(s.core.Stats().TooMany) })
	counter("received_bytes_total", "Bytes read from clients.", func() float64 { return float64(s.host.Stats().BytesIn) })
	counter("sent_bytes_total", "Bytes written to clients.", func() float64 { return float64(s.host.Stats().BytesOut) })
	gauge("recent_rooms", "Rooms that keep events for classic clients that come back.", func() float64 { return float64(s.core.Stats().Rings) })
	gauge("recent_events", "Events that are kept for them.", func() float64 { return float64(s.core.Stats().Recent) })
	gauge("recent_bytes", "What these events count for, in bytes.", func() float64 { return float64(s.core.Stats().RecentBytes) })
	counter("recent_missed_total", "Times that a classic client had missed events which were not kept any more.", func() float64 { return float64(s.core.Stats().Missed) })
	counter("reconnects_total", "Classic clients that came back to their connection.", func() float64 { return float64(s.classicStats().Reconnects) })
	counter("connections_remade_total", "Connections that were made again for a classic client that came back, as after a restart.", func() float64 { return float64(s.classicStats().Remade) })
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

// classicStats are the counters of all addresses together.
func (s *Server) classicStats() (sum classic.Stats) {
	for _, h := range s.classic {
		one := h.Stats()
		sum.Reconnects += one.Reconnects
		sum.Remade += one.Remade
	}
	return sum
}
