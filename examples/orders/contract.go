// Package orders is a hub as pages of jQuery SignalR 2 have them: with groups that
// outlast a reconnect, overloads, state, progress and errors with data. The last
// four only their clients know; those of ASP.NET Core SignalR call it too.
//
// Concurrency: the hub keeps no state of its own, so nothing needs a lock.
package orders

import "partline.dev/shared/contract"

// What travels: the fields are the arguments, in this order.
type (
	// Store names a store.
	Store struct{ Name string }
	// Order is what somebody wants of a store.
	Order struct{ Store, What string }
	// Many is an order of more than one.
	Many struct {
		Store, What string
		Count       int
	}
	// List is many orders of one store.
	List struct {
		Store string
		Lines []string
	}
	// Placed is what those who watch the store hear.
	Placed struct {
		By, What string
		Count    int
	}
	// Wrong is a line that is no order, beginning at 1.
	Wrong struct{ Line int }
)

// Pages know the hub as $.connection.orderHub.
var (
	Hub = contract.NewHub("orders", contract.ClassicName("orderHub"))

	Watch     = contract.NewMethod[Store, contract.None](Hub, "Watch")
	Place     = contract.NewMethod[Order, contract.None](Hub, "Place", contract.Overload())
	PlaceMany = contract.NewMethod[Many, contract.None](Hub, "Place", contract.Overload())
	Import    = contract.NewMethod[List, int](Hub, "Import", contract.WithProgress[int]())

	WasPlaced = contract.NewEvent[Placed](Hub, "placed")

	API = contract.NewAPI(Hub, Watch, Place, PlaceMany, Import, WasPlaced)
)
