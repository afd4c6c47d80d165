package main

import (
	"context"
	"fmt"

	"github.com/coder/websocket"
)

const (
	handshake = `{"protocol":"json","version":1}` + "\x1e"
	accepted  = "{}\x1e"
	ping      = `{"type":6}` + "\x1e"
)

// coreConn is a connection of ASP.NET Core SignalR with a WebSocket.
type coreConn struct{ ws *websocket.Conn }

// dialCore opens a connection and does the handshake of the hub protocol.
func dialCore(ctx context.Context, url string) (held, error) {
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	if err := ws.Write(ctx, websocket.MessageText, []byte(handshake)); err != nil {
		return nil, err
	}
	_, reply, err := ws.Read(ctx)
	if err == nil && string(reply) != accepted {
		err = fmt.Errorf("the handshake is answered by %q", reply)
	}
	return coreConn{ws}, err
}

func (c coreConn) read(ctx context.Context, hear func([]byte)) error {
	return readSocket(ctx, c.ws, hear)
}

func (c coreConn) keep(ctx context.Context) error {
	return c.ws.Write(ctx, websocket.MessageText, []byte(ping))
}

func (c coreConn) close(context.Context) error {
	return c.ws.Close(websocket.StatusNormalClosure, "")
}

// readSocket reads until the socket is closed; that is right with the code 1000.
func readSocket(ctx context.Context, ws *websocket.Conn, hear func([]byte)) error {
	for {
		_, message, err := ws.Read(ctx)
		switch {
		case err == nil:
			hear(message)
		case websocket.CloseStatus(err) == websocket.StatusNormalClosure:
			return nil
		default:
			return err
		}
	}
}
