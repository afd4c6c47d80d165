// Command typings prints the TypeScript typings of the support desk.
package main

import (
	"log"
	"os"

	"partline.dev/examples/support"
	"partline.dev/server/export"
)

func main() {
	if err := export.TypeScript(os.Stdout, nil, support.API); err != nil {
		log.Fatal(err)
	}
}
