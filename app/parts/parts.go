// Package parts lists the parts that Partline brings: the program in the browser
// and the server are given the same ones.
package parts

import (
	"partline.dev/app/part"
	"partline.dev/app/parts/connected"
)

// All are the parts, in the order in which they are listed.
func All() []part.Part { return []part.Part{connected.One, connected.Two} }
