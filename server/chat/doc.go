// Package chat is the server half of a chat whose messages are kept: in the scopes
// place, user and tenant what is posted is stored first, and only then sent and
// acknowledged; whoever comes later gets it by a stream, with what is gone announced.
// In the other scopes, whose rooms end with a page, and in the world, messages are sent
// and not kept.
//
//	core.Mount(chat.New(history.NewMemory(history.Limits{})))
//
// # Concurrency
//
// The hub has no state but its log, and may be used by any number of connections at
// once. Its rooms are those of scopes: a room of one tenant, scope or name never has
// anything of another's.
//
// # Ordering and delivery
//
// The events of one room leave in the order of their offsets, each before its post is
// answered. A message that is refused was neither stored nor sent: who may not speak
// stores nothing. Who hears the event from before a replay until after it has every
// message of the room that is kept at least once, and can tell by the offset what came
// twice. A connection that has left the room gets no more of its replay.
//
// # What blocks
//
// A post waits for the log to store it and, in the same room, for those before it. A
// replay reads a page at a time and waits until its client has read it.
package chat
