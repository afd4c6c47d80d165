//go:build js && wasm

// Command gateway is the program of the Worker partline-gateway. Its script begins it
// anew for each request. It is told by its variables:
//
//	TENANTS      the text of a file of tenants, as package tenants reads it
//	ALLOW_HOSTS  without TENANTS: the sites that may show the parts, with commas
//	KEYS         the text of a file of keys, as package keys reads it: a secret
//	PUBLIC_URL   where people reach the Worker; empty: where a request was sent to
//	ORIGIN       the server that has the hubs; empty: they are in rooms
//	LOG_LEVEL    debug, info, warn or error; else info
package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/syumai/workers"
	"github.com/syumai/workers/cloudflare"

	"partline.dev/server/edge/gateway"
	"partline.dev/server/front"
	"partline.dev/server/keys"
	"partline.dev/server/page"
	"partline.dev/server/tenants"
)

func main() {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cloudflare.Getenv("LOG_LEVEL"))) // info stays
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: level}))
	handler, err := open(log)
	if err != nil {
		log.Error("the gateway cannot work as it is configured", "error", err)
		workers.Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			page.Answer(w, http.StatusInternalServerError, "the gateway is not configured as it should be; its log says why")
		}))
		return
	}
	workers.Serve(asSent(handler))
}

// open makes the gateway that the variables describe.
func open(log *slog.Logger) (*gateway.Handler, error) {
	o := gateway.Options{
		Platform: platform{}, PublicURL: cloudflare.Getenv("PUBLIC_URL"), Origin: cloudflare.Getenv("ORIGIN"), Fetch: fetchKeys, Log: log,
	}
	if text := cloudflare.Getenv("TENANTS"); text != "" {
		book, err := tenants.Read([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("TENANTS: %w", err)
		}
		o.Book, o.Filed = book, true
	} else {
		hosts := strings.FieldsFunc(cloudflare.Getenv("ALLOW_HOSTS"), func(c rune) bool { return c == ',' || c == ' ' || c == '\n' })
		if _, err := front.NewPolicy("", hosts); err != nil {
			return nil, fmt.Errorf("ALLOW_HOSTS: %w", err)
		}
		o.Book = tenants.Single(hosts)
	}
	if text := cloudflare.Getenv("KEYS"); text != "" {
		ring, err := keys.Parse([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("KEYS: %w", err)
		}
		o.Signer = keys.NewSigner(ring)
	}
	return gateway.New(o)
}
