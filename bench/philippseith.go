package main

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/philippseith/signalr"
)

// philippseith is the other SignalR server in Go. It is told to wait for pings
// for an hour, because the clients send none, and to log nothing.
type philippseith struct {
	members atomic.Int64
	server  signalr.Server
	cancel  context.CancelFunc
	http    http.Server
	serving sync.WaitGroup
}

// philippseithHub counts the members.
type philippseithHub struct {
	signalr.Hub
	members *atomic.Int64
}

// OnConnected is called for a client that is a member now.
func (h *philippseithHub) OnConnected(string) { h.members.Add(1) }

// OnDisconnected is called for one that is no member any more.
func (h *philippseithHub) OnDisconnected(string) { h.members.Add(-1) }

func newPhilippseith() contender { return &philippseith{} }

// silence is a logger that says nothing.
type silence struct{}

func (silence) Log(...any) error { return nil }

func (s *philippseith) Listen() (string, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	server, err := signalr.NewServer(ctx,
		signalr.HubFactory(func() signalr.HubInterface { return &philippseithHub{members: &s.members} }),
		signalr.TimeoutInterval(time.Hour), signalr.KeepAliveInterval(time.Hour), signalr.Logger(silence{}, false))
	if err != nil {
		return "", err
	}
	s.server = server
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	server.MapHTTP(signalr.WithHTTPServeMux(mux), "/")
	s.http.Handler = mux
	s.serving.Go(func() { _ = s.http.Serve(l) })
	return l.Addr().String(), nil
}

func (s *philippseith) Members() int { return int(s.members.Load()) }

func (s *philippseith) Publish(stamp int64) error {
	s.server.HubClients().All().Send("broadcastMessage", senderName, text(stamp))
	return nil
}

func (s *philippseith) Close() error {
	if s.cancel == nil {
		return nil
	}
	s.cancel()
	err := s.http.Close()
	s.serving.Wait()
	return err
}
