package testhub_test

import (
	"testing"

	"partline.dev/shared/contract"
	"partline.dev/shared/contract/contracttest"
	"partline.dev/shared/testhub"
	"partline.dev/shared/wire"
)

func TestAPI_isWhatTheSuitesKnow(t *testing.T) {
	contracttest.Golden(t, testhub.API, "testdata/api.golden")
}

func TestAPIs_canTravel(t *testing.T) {
	for _, api := range []*contract.API{
		testhub.API, testhub.AuthorizedAPI, testhub.RefusingAPI, testhub.FailingAPI,
		testhub.ClassicAPI, testhub.OtherAPI, testhub.VerbatimAPI,
	} {
		if err := wire.CheckAPI(api); err != nil {
			t.Errorf("%s: %v", api.Hub().Name(), err)
		}
	}
}
