package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"partline.dev/server/classic"
	hubconnected "partline.dev/server/connected"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/connected"
)

// partline is the server that this project is about: the hub of the connected
// parts as it is served, with every limit at its default. The publisher is the
// program around it.
type partline struct {
	host    *transport.Host
	core    *hub.Core
	mux     *hub.Mux
	http    http.Server
	serving sync.WaitGroup
	classic bool // it serves clients of jQuery SignalR 2
}

func newPartline() contender { return &partline{} }

func newPartlineClassic() contender { return &partline{classic: true} }

func (s *partline) Listen() (string, error) {
	s.host = transport.NewHost(nil)
	s.core = hub.NewCore(s.host.Env(), &hub.Options{Recent: hub.RecentOptions{Encoding: classic.Encoding}})
	s.mux = hubconnected.New()
	if err := s.core.Mount(s.mux); err != nil {
		return "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.http.Handler = s.host.Handler(s.core, s.mux.Name(), nil)
	if s.classic {
		s.http.Handler = classic.New(s.host, s.core, classic.Options{Path: classicSignalR.path, Hubs: []*hub.Mux{s.mux}})
	}
	s.serving.Go(func() { _ = s.http.Serve(l) })
	return l.Addr().String(), nil
}

func (s *partline) Members() int { return s.core.Stats().Connections }

func (s *partline) Publish(stamp int64) error {
	return hub.Publish(context.Background(), s.mux.All(), connected.BroadcastMessage,
		connected.Broadcast{Name: senderName, Message: text(stamp)})
}

func (s *partline) Close() error {
	if s.host == nil {
		return nil
	}
	err := errors.Join(s.host.Shutdown(context.Background()), s.http.Close())
	s.serving.Wait()
	return err
}
