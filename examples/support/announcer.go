package support

import (
	"context"

	"partline.dev/server/hub"
)

// Announcer speaks to the desk from outside of any call, as a background service
// does.
type Announcer struct {
	Desk *hub.Mux // of New, once it is mounted
}

// Announce says something to everybody in a room.
func (a *Announcer) Announce(ctx context.Context, room, text string) error {
	return hub.Publish(ctx, a.Desk.Group(room), Message, Said{Room: room, From: "desk", Text: text})
}
