package export_test

import (
	"io"
	"testing"

	"partline.dev/server/export"
	"partline.dev/shared/contract"
)

func TestAsyncAPI_golden(t *testing.T) {
	golden(t, "shop.asyncapi.golden", func(w io.Writer) error {
		return export.AsyncAPI(w, &export.AsyncAPIOptions{
			Title:   "The shop",
			Version: "1.2",
			Address: func(h *contract.Hub) string { return "/" + h.Name() },
		}, shopAPI)
	})
	golden(t, "several.asyncapi.golden", func(w io.Writer) error {
		return export.AsyncAPI(w, nil, shopAPI, cornersAPI)
	})
}
