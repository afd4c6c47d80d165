package main

import (
	"errors"
	"strings"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// natsWebsocket is an embedded NATS server whose clients come over WebSocket.
// The publisher is a client inside the process, as an embedding program has it.
// No compression, as everywhere here; its RTT pings are put off, because the
// clients do not answer them.
type natsWebsocket struct {
	server *natsserver.Server
	conn   *nats.Conn
}

const natsSubject = "bench"

func newNATS() contender { return &natsWebsocket{} }

func (s *natsWebsocket) Listen() (string, error) {
	server, err := natsserver.NewServer(&natsserver.Options{
		DontListen:   true,
		NoSigs:       true,
		NoLog:        true,
		PingInterval: time.Hour,
		Websocket:    natsserver.WebsocketOpts{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoTLS: true},
	})
	if err != nil {
		return "", err
	}
	server.Start()
	s.server = server
	if !server.ReadyForConnections(connectTimeout) {
		return "", errors.New("NATS does not start")
	}
	if s.conn, err = nats.Connect("", nats.InProcessServer(server)); err != nil {
		return "", err
	}
	return strings.TrimPrefix(server.WebsocketURL(), "ws://"), nil
}

func (s *natsWebsocket) Members() int { return s.server.GlobalAccount().Interest(natsSubject) }

func (s *natsWebsocket) Publish(stamp int64) error {
	return s.conn.Publish(natsSubject, messageJSON(stamp))
}

func (s *natsWebsocket) Close() error {
	if s.server == nil {
		return nil
	}
	if s.conn != nil {
		s.conn.Close()
	}
	s.server.Shutdown()
	s.server.WaitForShutdown()
	return nil
}
