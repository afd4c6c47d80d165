// Command ownserver is somebody's own server, with pages and a log-in of its own.
// One of its addresses, /realtime, is a hub.
package main

import (
	"cmp"
	"context"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"partline.dev/server"
	"partline.dev/server/connected"
	"partline.dev/server/hub"
)

func main() {
	m := connected.New()
	m.Use(hub.Filter{Invoke: signed})
	s, err := server.New(server.Options{
		Mounts:       []server.Mount{{Path: "/realtime", Hubs: []*hub.Mux{m}}},
		Authenticate: principal,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", home)
	mux.Handle("/realtime", s.Handler())
	mux.Handle("/realtime/", s.Handler())
	own := &http.Server{Addr: cmp.Or(os.Getenv("ADDR"), "localhost:8080"), Handler: logIn(mux)}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := s.Serve(ctx, own); err != nil {
		log.Fatal(err)
	}
}
