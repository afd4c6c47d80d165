package connected_test

import (
	"testing"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract/contracttest"
	"partline.dev/shared/wire"
)

func TestAPI_isWhatWasAgreed(t *testing.T) {
	contracttest.Golden(t, connected.API, "testdata/api.golden")
}

func TestAPI_canTravel(t *testing.T) {
	if err := wire.CheckAPI(connected.API); err != nil {
		t.Error(err)
	}
}
