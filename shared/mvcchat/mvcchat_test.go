package mvcchat_test

import (
	"testing"

	"partline.dev/shared/contract/contracttest"
	"partline.dev/shared/mvcchat"
	"partline.dev/shared/wire"
)

func TestAPI_isWhatWasAgreed(t *testing.T) {
	contracttest.Golden(t, mvcchat.API, "testdata/api.golden")
}

func TestAPI_canTravel(t *testing.T) {
	if err := wire.CheckAPI(mvcchat.API); err != nil {
		t.Error(err)
	}
}
