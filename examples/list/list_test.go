package list_test

import (
	"testing"

	"partline.dev/examples/list"
	"partline.dev/shared/contract/contracttest"
)

// Pages that are open when the server is replaced still speak the old contract:
// a change that they would not understand fails here.
func TestAPI(t *testing.T) { contracttest.Golden(t, list.API, "testdata/api.golden") }
