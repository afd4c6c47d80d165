package transport

import (
	"context"

	"partline.dev/server/hub"
)

// Caller is the connection itself, as a target.
func (c *Connection) Caller() hub.Target { return c.Client(c.ID()) }

// Others is every connection of the raw hub but this one.
func (c *Connection) Others() hub.Target { return c.AllExcept(c.ID()) }

// OthersInGroup is every connection in a group but this one.
func (c *Connection) OthersInGroup(group string) hub.Target { return c.GroupExcept(group, c.ID()) }

// Join puts the connection into a group. Joining twice is joining once. It gives
// hub.ErrUnknownConnection after the end, contract.ErrName and
// hub.ErrTooManyGroups.
func (c *Connection) Join(group string) error { return c.entry.Hub.Join(c.ID(), group) }

// Leave takes the connection out of a group, if it is in it.
func (c *Connection) Leave(group string) error { return c.entry.Hub.Leave(c.ID(), group) }

// Publish sends a chunk to everybody in a target of the connection's, as
// [hub.PublishRaw] does: it waits for nobody, and who reads too slowly is closed.
func (c *Connection) Publish(ctx context.Context, to hub.Target, chunk []byte) error {
	return hub.PublishRaw(ctx, to, chunk)
}

// PublishJSON is [Connection.Publish] of JSON text, as [hub.PublishRawJSON].
func (c *Connection) PublishJSON(ctx context.Context, to hub.Target, value []byte) error {
	return hub.PublishRawJSON(ctx, to, value)
}
