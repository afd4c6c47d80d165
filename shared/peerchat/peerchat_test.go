package peerchat_test

import (
	"testing"

	"partline.dev/shared/contract/contracttest"
	"partline.dev/shared/peerchat"
	"partline.dev/shared/wire"
)

func TestAPI_isWhatWasAgreed(t *testing.T) {
	contracttest.Golden(t, peerchat.API, "testdata/api.golden")
}

func TestAPI_canTravel(t *testing.T) {
	if err := wire.CheckAPI(peerchat.API); err != nil {
		t.Error(err)
	}
}
