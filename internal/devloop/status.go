package devloop

import (
	"encoding/json"
	"fmt"
	"os"
)

// Status is what the loop tells the server by way of a file. The server reads
// it again whenever a page asks.
type Status struct {
	// Build names the last build that succeeded, which is the one that runs. A
	// page that was made by another build reloads.
	Build string `json:"build"`

	// Error is what the compiler said of the build after that. Empty: there was
	// none, or it succeeded.
	Error string `json:"error"`
}

// Write replaces the file as one step, so that no reader sees half of it.
func (s Status) Write(path string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	next := path + ".next"
	if err := os.WriteFile(next, b, 0o600); err != nil {
		return fmt.Errorf("write the build status: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write the build status: %w", err)
	}
	return nil
}
