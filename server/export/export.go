// Package export says in other languages what a hub's contract says in Go: as
// TypeScript typings for the npm client @microsoft/signalr, and as an AsyncAPI
// document. The command partline contract does it for the built-in hubs; for
// hubs of your own a program of three lines does:
//
//	func main() {
//		err := export.TypeScript(os.Stdout, nil, list.API)
//		...
//	}
//
// Equal contracts give equal output, byte for byte, so it can be kept under
// version control and compared.
//
// Concurrency: everything may be used from anywhere. Nothing here blocks but the
// writer that it is given.
package export

import (
	"fmt"
	"strings"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// check tells why the APIs cannot be written down in one document.
func check(apis []*contract.API) error {
	seen := map[string]string{}
	for _, a := range apis {
		if err := wire.CheckAPI(a); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		name := a.Hub().Name()
		id := hubName(a.Hub())
		if other, ok := seen[strings.ToLower(id)]; ok {
			return fmt.Errorf("export: the hubs %s and %s would have one name, %s", other, name, id)
		}
		seen[strings.ToLower(id)] = name
	}
	return nil
}
