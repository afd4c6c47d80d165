package main

import (
	"fmt"
	"runtime"

	"partline.dev/server"
)

type versionCommand struct{}

// Run prints the version of the binary and of the Go that built it.
func (versionCommand) Run() error {
	fmt.Println("partline", server.Version(), runtime.Version())
	return nil
}
