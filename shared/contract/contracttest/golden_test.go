package contracttest_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"partline.dev/shared/contract"
	"partline.dev/shared/contract/contracttest"
)

var hub = contract.NewHub("h")

func api(members ...contract.Member) *contract.API { return contract.NewAPI(hub, members...) }

func TestGolden(t *testing.T) {
	a := api(contract.NewEvent[struct{ A int }](hub, "e"))
	more := api(contract.NewEvent[struct{ A int }](hub, "e"), contract.NewEvent[contract.None](hub, "f"))
	other := api(contract.NewEvent[struct{ A string }](hub, "e"))
	file := filepath.Join(t.TempDir(), "testdata", "api.golden")

	if err := contracttest.Compare(a, file, false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	if err := contracttest.Compare(a, file, true); err != nil {
		t.Errorf("the first -update: %v", err)
	}
	if err := contracttest.Compare(a, file, false); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	if err := contracttest.Compare(more, file, false); !errors.Is(err, contracttest.ErrStale) {
		t.Errorf("an event more: %v", err)
	}
	if err := contracttest.Compare(more, file, true); err != nil {
		t.Errorf("an event more, with -update: %v", err)
	}
	for _, update := range []bool{false, true} {
		if err := contracttest.Compare(other, file, update); !errors.Is(err, contract.ErrIncompatible) {
			t.Errorf("another type, update %v: %v", update, err)
		}
	}
	if got, err := os.ReadFile(file); string(got) != contract.Dump(more) {
		t.Errorf("an incompatible change was written: %s, %v", got, err)
	}
	contracttest.Golden(t, more, file)
}
