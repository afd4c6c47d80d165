package server

import "github.com/prometheus/client_golang/prometheus"

// admitted counts who is let in, who is not and why, and in which scopes who is here
// speaks. No label names a tenant: there can be any number of them.
type admitted struct{ server *Server }

var (
	scopesDesc   = prometheus.NewDesc("partline_scope_connections", "Connections that are open, by the scope that they are in; none: in no scope.", []string{"scope"}, nil)
	refusalsDesc = prometheus.NewDesc("partline_refusals_total", "Requests to a hub refused for who made them or for what they asked, by the code of the refusal.", []string{"code"}, nil)
	ticketsDesc  = prometheus.NewDesc("partline_tickets_redeemed_total", "Tickets that let somebody in.", nil, nil)
	mintedDesc   = prometheus.NewDesc("partline_tickets_minted_total", "Tickets made by the HTTP API.", nil, nil)
	revokedDesc  = prometheus.NewDesc("partline_revocations_total", "Times that the HTTP API took credentials back.", nil, nil)
	expelledDesc = prometheus.NewDesc("partline_expelled_connections_total", "Connections closed because their credentials were taken back, or their user was blocked.", nil, nil)
	apiDesc      = prometheus.NewDesc("partline_api_published_total", "Events published by the HTTP API.", nil, nil)
	apiNotDesc   = prometheus.NewDesc("partline_api_refused_total", "Requests to the HTTP API that were refused.", nil, nil)
)

// Describe is prometheus.Collector's.
func (admitted) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{scopesDesc, refusalsDesc, ticketsDesc, mintedDesc, revokedDesc, expelledDesc, apiDesc, apiNotDesc} {
		ch <- d
	}
}

// Collect is prometheus.Collector's.
func (a admitted) Collect(ch chan<- prometheus.Metric) {
	for scope, n := range a.server.core.ByScope() {
		name := string(scope)
		if name == "" {
			name = "none"
		}
		ch <- prometheus.MustNewConstMetric(scopesDesc, prometheus.GaugeValue, float64(n), name)
	}
	count := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	for code, n := range a.server.host.Stats().RefusedBy {
		count(refusalsDesc, n, string(code))
	}
	api := a.server.api.Stats()
	count(ticketsDesc, a.server.metrics.tickets.Load())
	count(mintedDesc, api.Minted)
	count(revokedDesc, api.Revoked)
	count(expelledDesc, a.server.metrics.expelled.Load())
	count(apiDesc, api.Published)
	count(apiNotDesc, api.Refused)
}
