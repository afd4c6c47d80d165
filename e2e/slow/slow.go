// Package slow is the contract of a hub whose method takes its time: what a
// server is doing when it is told to stop.
package slow

import "partline.dev/shared/contract"

// Hub is the hub.
var Hub = contract.NewHub("slow")

// Job is what there is to do.
type Job struct {
	Name         string
	Milliseconds int // how long it takes
}

// Begun says that a job has begun.
type Begun struct{ Name string }

// Done says that a job is done.
type Done struct{ Name string }

// The method and the event.
var (
	WorkMethod = contract.NewMethod[Job, Done](Hub, "work")
	BegunEvent = contract.NewEvent[Begun](Hub, "begun")
	API        = contract.NewAPI(Hub, WorkMethod, BegunEvent)
)
