package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/centrifugal/centrifuge"
)

// centrifugeServer is a centrifuge node that subscribes every client to one
// channel as it connects. It is set to what serves it best here: as many
// messages a frame as the ceiling has a write, pooled buffers, no history, no
// compression and no pings, because the clients do not answer them.
type centrifugeServer struct {
	node    *centrifuge.Node
	http    http.Server
	serving sync.WaitGroup
}

const centrifugeChannel = "bench"

func newCentrifuge() contender { return &centrifugeServer{} }

func (s *centrifugeServer) Listen() (string, error) {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return "", err
	}
	s.node = node
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:        &centrifuge.Credentials{},
			Subscriptions:      map[string]centrifuge.SubscribeOptions{centrifugeChannel: {}},
			MaxMessagesInFrame: ceilingBatch,
		}, nil
	})
	if err := node.Run(); err != nil {
		return "", err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.http.Handler = centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		UseWriteBufferPool: true,
		PingPongConfig:     centrifuge.PingPongConfig{PingInterval: -1, PongTimeout: -1},
	})
	s.serving.Go(func() { _ = s.http.Serve(l) })
	return l.Addr().String(), nil
}

func (s *centrifugeServer) Members() int { return s.node.Hub().NumSubscribers(centrifugeChannel) }

func (s *centrifugeServer) Publish(stamp int64) error {
	_, err := s.node.Publish(centrifugeChannel, messageJSON(stamp))
	return err
}

func (s *centrifugeServer) Close() error {
	if s.node == nil {
		return nil
	}
	err := errors.Join(s.http.Close(), s.node.Shutdown(context.Background()))
	s.serving.Wait()
	return err
}
