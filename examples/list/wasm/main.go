// Command wasm is the program that the browser runs: the part.
package main

import (
	"partline.dev/app/part"
	"partline.dev/examples/list/listpart"
)

func main() { part.Main(listpart.Part) }
