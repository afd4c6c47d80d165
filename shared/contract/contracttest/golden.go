// Package contracttest holds a contract to what was agreed, in a test of the
// package that declares it:
//
//	func TestAPI(t *testing.T) {
//		contracttest.Golden(t, connected.API, "testdata/api.golden")
//	}
//
// Concurrency: one test at a time may use a file. Nothing here blocks.
package contracttest

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"partline.dev/shared/contract"
)

var update = flag.Bool("update", false, "write golden files anew where the change is one that deployed peers understand")

// Golden fails the test if the dump of api is not what file says. With the flag
// -update it writes the file, unless the change is one that
// [contract.Compatible] refuses: who means that one deletes the file first.
func Golden(t testing.TB, api *contract.API, file string) {
	t.Helper()
	if err := golden(api, file, *update); err != nil {
		t.Error(err)
	}
}

// errStale says that the file is not what the API is now.
var errStale = errors.New("the API is not what its golden file says; if that is meant, run the test with -update")

func golden(api *contract.API, file string, update bool) error {
	next := contract.Dump(api)
	old, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && update:
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
	case err != nil:
		return err
	case string(old) == next:
		return nil
	default:
		if err := contract.Compatible(string(old), next); err != nil {
			return err
		}
		if !update {
			return errStale
		}
	}
	return os.WriteFile(file, []byte(next), 0o644)
}
