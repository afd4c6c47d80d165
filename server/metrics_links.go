package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"partline.dev/server/transport"
)

// The protocols by which clients connect, as metrics call them.
const (
	coreProtocol    = "core"    // ASP.NET Core SignalR
	classicProtocol = "classic" // SignalR 2
)

// links counts the clients that are connected and the connections that were closed,
// by protocol. A classic connection counts while its client may come back.
type links struct{ host *transport.Host }

var (
	linksDesc  = prometheus.NewDesc("partline_links", "Clients that are connected, by protocol (core, classic) and transport.", []string{"protocol", "transport"}, nil)
	closesDesc = prometheus.NewDesc("partline_closes_total", "Connections of clients closed, by protocol (core, classic) and reason.", []string{"protocol", "reason"}, nil)
)

// Describe is prometheus.Collector's.
func (links) Describe(ch chan<- *prometheus.Desc) {
	ch <- linksDesc
	ch <- closesDesc
}

// Collect is prometheus.Collector's.
func (l links) Collect(ch chan<- prometheus.Metric) {
	s := l.host.Stats()
	for t, all := range s.Open {
		for protocol, n := range map[string]int64{coreProtocol: all - s.EnteredOpen[t], classicProtocol: s.EnteredOpen[t]} {
			ch <- prometheus.MustNewConstMetric(linksDesc, prometheus.GaugeValue, float64(n), protocol, signalRTransport(t))
		}
	}
	for reason, all := range s.Closes {
		for protocol, n := range map[string]int64{coreProtocol: all - s.EnteredCloses[reason], classicProtocol: s.EnteredCloses[reason]} {
			ch <- prometheus.MustNewConstMetric(closesDesc, prometheus.CounterValue, float64(n), protocol, reason)
		}
	}
}
