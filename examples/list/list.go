// Package list is the contract of a shared shopping list: what its part and its
// hub say to each other. Both import it, so if one changes a word, the other no
// longer compiles.
package list

import "partline.dev/shared/contract"

// Item is one line of the list.
type Item struct {
	Name string
	Done bool
}

// Items is the whole list, in the order in which it was written.
type Items struct{ All []Item }

// The hub is at /hubs/list. Put adds an item, or ticks one that is there; Changed
// tells everybody what the list is now.
var (
	Hub     = contract.NewHub("list")
	Put     = contract.NewMethod[Item, contract.None](Hub, "put")
	Changed = contract.NewEvent[Items](Hub, "changed")
	API     = contract.NewAPI(Hub, Put, Changed)
)
