package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"partline.dev/server/chat"
	"partline.dev/server/connected"
	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/server/mvcchat"
	"partline.dev/server/peerchat"
)

func (o Options) withDefaults() (Options, error) {
	if o.Addr == "" {
		o.Addr = "localhost:8080"
	}
	if o.ACMEAddr == "" {
		o.ACMEAddr = ":80"
	}
	if o.DevHostAddr == "" {
		o.DevHostAddr = "127.0.0.1:8081"
	}
	if o.Tenants != "" && len(o.AllowHosts) > 0 {
		return o, errors.New("--tenants and --allow-host: the file of tenants says which sites may show whose parts; write the sites there, as hosts of a tenant")
	}
	if o.Dev {
		host, _, err := net.SplitHostPort(o.DevHostAddr)
		if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
			return o, fmt.Errorf("--dev-host-addr %q: it must name a host and a port, as 127.0.0.1:8081 does; it is the site that may show the parts", o.DevHostAddr)
		}
		if o.Tenants == "" { // else the file says whose host that is
			o.AllowHosts = append(slices.Clone(o.AllowHosts), "http://"+o.DevHostAddr)
		}
	}
	if o.Hubs == nil && o.Mounts == nil {
		o.Hubs, o.builtIn = o.builtInHubs(), true
		if o.examples = o.Dev; o.examples {
			peers := peerchat.New()
			o.Mounts = []Mount{
				{Path: peerChatCoreHub, Hubs: []*hub.Mux{peers}},
				{Path: peerChatHub, Hubs: []*hub.Mux{peers}},
				{Path: mvcChatHub, Hubs: []*hub.Mux{mvcchat.New()}},
			}
		}
	}
	if err := o.declare(); err != nil {
		return o, err
	}
	if o.MessageLimit == 0 {
		o.MessageLimit = 32 << 10
	}
	if err := o.checkLimits(); err != nil {
		return o, err
	}
	var err error
	if o.Classic, err = o.Classic.withDefaults(); err != nil {
		return o, err
	}
	if o.DrainTimeout == 0 {
		o.DrainTimeout = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o, nil
}

// builtInHubs are the hubs of a server that was given none.
func (o *Options) builtInHubs() []*hub.Mux {
	kept := history.NewMemory(history.Limits{Bytes: o.HistoryBytes, RoomRecords: o.HistoryMessages})
	return []*hub.Mux{connected.New(), chat.New(kept)}
}
