package chat_test

import (
	"testing"

	"partline.dev/shared/chat"
	"partline.dev/shared/contract/contracttest"
	"partline.dev/shared/wire"
)

func TestAPI_isWhatWasAgreed(t *testing.T) {
	contracttest.Golden(t, chat.API, "testdata/api.golden")
}

func TestAPI_canTravel(t *testing.T) {
	if err := wire.CheckAPI(chat.API); err != nil {
		t.Error(err)
	}
}
