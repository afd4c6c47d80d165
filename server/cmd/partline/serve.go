package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"partline.dev/server"
)

// serveCommand is the flags of partline serve. Their meaning and defaults are
// those of [server.Options].
type serveCommand struct {
	Addr        string   `help:"Where to serve, host:port." default:"localhost:8080" placeholder:"HOST:PORT"`
	MetricsAddr string   `help:"Where to serve Prometheus metrics, on a listener of their own. Empty: nowhere." placeholder:"HOST:PORT"`
	AllowHost   []string `help:"A site whose pages may show the parts and reach the hubs, as https://host or https://*.host. May be repeated." placeholder:"ORIGIN"`

	PublicURL    string   `help:"Where people reach the server, as https://parts.example or, under a prefix, https://example.org/apps. Default: the address that each request was sent to." placeholder:"URL"`
	TrustedProxy []string `help:"A network, as 10.0.0.0/8, or address of a proxy before the server, which is believed when it says for whom it asks (X-Forwarded-For, -Proto, -Host or Forwarded). May be repeated." placeholder:"CIDR"`

	TLSCert       string   `name:"tls-cert" help:"The certificate to serve https with, in PEM, with those that vouch for it; followed when it changes." placeholder:"FILE"`
	TLSKey        string   `name:"tls-key" help:"Its private key, in PEM." placeholder:"FILE"`
	ACMEDomain    []string `name:"acme-domain" help:"A name to get a certificate for from an authority, whose terms you thereby accept. May be repeated." placeholder:"NAME"`
	ACMEEmail     string   `name:"acme-email" help:"Whom the authority writes to." placeholder:"ADDRESS"`
	ACMEAddr      string   `name:"acme-addr" help:"Where to answer the authority's HTTP questions, and lead people to https." default:":80" placeholder:"HOST:PORT"`
	ACMEDirectory string   `name:"acme-directory" help:"The authority's directory. Default: Let's Encrypt." placeholder:"URL"`

	dataFlags

	Tenants string `help:"A file that declares tenants: whose sites may show the parts, who may come in, and who hears whom. Followed when it changes; takes the place of --allow-host." placeholder:"FILE"`

	Hubs string `help:"A file that declares hubs: their methods, and what each of them does, without any Go. Read at the start only." placeholder:"FILE"`

	Dev         bool   `help:"For development: detailed errors, a demo host page, pages that reload."`
	DevHostAddr string `help:"Where --dev serves the demo host page: another site than --addr." default:"127.0.0.1:8081" placeholder:"HOST:PORT"`
	DevNPM      string `name:"dev-npm" hidden:"" help:"The folder node_modules from which the examples of --dev have their npm clients."`
	DevStatus   string `hidden:"" help:"The file through which the development loop tells of builds."`

	Transports []string `help:"How clients may connect: WebSockets, ServerSentEvents and LongPolling, with commas. Default: in any of these ways." placeholder:"NAME"`

	DetailedErrors      bool `help:"Tell clients the text of any error of a hub; such texts can say what nobody outside should know."`
	NoStatefulReconnect bool `help:"Serve clients that ask for stateful reconnect without it."`

	limitFlags

	Compress     bool          `help:"Compress long WebSocket messages for clients that can read them."`
	DrainTimeout time.Duration `help:"How long running calls may take once the server is told to stop." default:"10s"`

	OTLPEndpoint string `name:"otlp-endpoint" env:"PARTLINE_OTLP_ENDPOINT,OTEL_EXPORTER_OTLP_ENDPOINT" help:"Where to send traces, the address of a collector that takes OTLP over HTTP, as http://localhost:4318. Default: nowhere." placeholder:"URL"`

	LogFormat string     `help:"How to log: text or json." enum:"text,json" default:"text"`
	LogLevel  slog.Level `help:"What to log: debug, info, warn or error." default:"info"`
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context) error {
	log := c.logger()
	transports, err := server.ParseTransports(c.Transports...)
	if err != nil {
		return fmt.Errorf("--transports: %w", err)
	}
	o := server.Options{
		Addr:                c.Addr,
		MetricsAddr:         c.MetricsAddr,
		AllowHosts:          c.AllowHost,
		PublicURL:           c.PublicURL,
		TrustedProxies:      c.TrustedProxy,
		TLSCert:             c.TLSCert,
		TLSKey:              c.TLSKey,
		ACMEDomains:         c.ACMEDomain,
		ACMEEmail:           c.ACMEEmail,
		ACMEAddr:            c.ACMEAddr,
		ACMEDirectory:       c.ACMEDirectory,
		Data:                c.data(c.Dev),
		Keys:                c.Keys,
		Tenants:             c.Tenants,
		HubsFile:            c.Hubs,
		Dev:                 c.Dev,
		DevHostAddr:         c.DevHostAddr,
		DevNPM:              c.DevNPM,
		DevStatus:           c.DevStatus,
		Transports:          transports,
		DetailedErrors:      c.DetailedErrors,
		NoStatefulReconnect: c.NoStatefulReconnect,
		Compress:            c.Compress,
		DrainTimeout:        c.DrainTimeout,
		Log:                 log,
	}
	c.limitFlags.set(&o)
	stop, err := c.trace(ctx, &o)
	if err != nil {
		return err
	}
	defer stop()
	s, err := server.New(o)
	if err != nil {
		return err
	}
	if err := s.Run(ctx); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func (c *serveCommand) logger() *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, o))
}
