// Package api is what a customer's own back end asks of the hubs over HTTP:
// publish an event, see who is connected, make a ticket, take credentials back.
//
//	POST /api/v1/hubs/{hub}/events/{event}    {"arguments":["Ann","Hello"],"to":{"group":"sales"}}
//	GET  /api/v1/hubs/{hub}/connections       ?user=ann&limit=100
//	POST /api/v1/tickets                      {"user":"ann","hubs":["connected"]}
//	POST /api/v1/revocations                  {"user":"ann"}
//
// Every request carries an API key as its bearer token. The key belongs to one
// tenant of the tenants file, and reaches nobody else's connections. Programs ask,
// never pages: a request with an Origin is refused, because a key that a page knows
// is everybody's.
//
// # Whom an event reaches
//
// The member "to" has exactly one of
//
//	"all": true                          everybody of the hub; the same as no "to"
//	"group": "a" or "groups": ["a"]      who joined them
//	"user": "ann" or "users": ["ann"]    those users
//	"connection": id, "connections": []  those connections
//	"scope": "place", "id": "standup"    who is in that scope; without id of the tenant or the world
//
// and with "all" and "group" may have "except", ids of connections. What one name
// reaches is told once to each connection.
//
// # Answers
//
// A body of JSON: what was asked, or {"code":"...","error":"..."}, where programs go
// by the code (the constants of [Code]) and people read the sentence. An event that
// was published is answered with 202, though nobody may have heard it.
//
// The header Idempotency-Key makes a publish safe to repeat for ten minutes: the
// same key gets the answer that the first request got, and nothing is published
// again, also if both come at once. With another body or address it is refused. An
// answer of 429, or of 500 and above, is not kept, and none outlives the program.
//
// # Concurrency
//
// A [Handler] may be used from any goroutine and starts none. A request blocks while
// its body comes, and one that repeats another until that one is answered. Events of
// one client that waits for its answers are published in the order of its requests.
package api
