// Command app is the program that the browser runs: the parts that Partline
// brings, compiled with GOOS=js GOARCH=wasm. Anywhere else it does nothing.
package main

import (
	"partline.dev/app/part"
	"partline.dev/app/parts"
)

func main() {
	part.Main(parts.All()...)
}
