// Package room is a place at the edge: the hubs of one place of one tenant, and their
// connections, in a Durable Object. The hubs run in the same core as at home
// (package hub), whose Env is made of alarms.
//
//	func main() {
//		room.Main(room.Options{Hubs: func(h history.Log) []*hub.Mux {
//			return []*hub.Mux{connected.New(), chat.New(h)}
//		}})
//	}
//
// The JavaScript around it (room.mjs) decides nothing: it calls a method of [Room] for
// each event, and then [Room.Flush], which sends what the event led to.
//
// # Eviction
//
// After ten seconds without an event the object is taken out of memory. Its sockets
// stay, each with its attachment, and the next event begins with [Room.Restore] for
// every one: the connections are then in the groups, scopes and users that they were
// in. What a hub keeps in memory is gone, so its OnReconnect runs for each. While a
// call runs, or half a message has arrived, the object stays. Nothing here uses a timer
// of Go's, which would keep it for ever.
//
// # Concurrency and ordering
//
// The methods of Room are called by one goroutine, one event after the other, and none
// blocks. Handlers run beside, as at home. All that an event led to leaves in its order,
// once for each message: a broadcast is encoded once for each codec, and the JavaScript
// gives it to all sockets in a loop. What must outlive the room in memory is written
// down before anything of the same event leaves.
package room
