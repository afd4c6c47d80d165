package testserver

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"partline.dev/server/transport"
)

// roomCommand is what a client of /room asks for: one of these.
type roomCommand struct {
	Join  string          // the group that it joins
	Leave string          // the group that it leaves
	Say   json.RawMessage // what To hears, or everybody
	To    string          // a group
}

// serveRoom does what a client asks for, and says that it is done.
func serveRoom(ctx context.Context, c *transport.Connection) error {
	for {
		chunk, err := c.Read(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var said roomCommand
		if err := json.Unmarshal(chunk, &said); err != nil {
			return err
		}
		if err := said.do(ctx, c); err != nil {
			return err
		}
		if err := c.WriteJSON(ctx, []byte(`{"done":true}`)); err != nil {
			return err
		}
	}
}

func (said *roomCommand) do(ctx context.Context, c *transport.Connection) error {
	switch {
	case said.Join != "":
		return c.Join(said.Join)
	case said.Leave != "":
		return c.Leave(said.Leave)
	}
	to := c.All()
	if said.To != "" {
		to = c.Group(said.To)
	}
	return c.PublishJSON(ctx, to, said.Say)
}
