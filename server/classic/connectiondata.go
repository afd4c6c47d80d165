package classic

import (
	"slices"
	"strings"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// maxConnectionData is the longest list of hubs that is read, in bytes.
const maxConnectionData = 64 << 10

// listedHubs are the hubs that a client wants to hear: those of its connectionData,
// a JSON list of objects with a name. Nothing, null and an empty list are none. A
// connection without hubs has no such list, so whatever stands there is not read.
func (h *Handler) listedHubs(text string) ([]*hub.Mux, *refusal) {
	if h.options.Raw != nil || text == "" || strings.TrimSpace(text) == "null" {
		return nil, nil
	}
	if len(text) > maxConnectionData {
		return nil, errConnectionData
	}
	var listed []*hub.Mux
	var refused *refusal
	err := wire.Elements([]byte(text), func(value []byte) error {
		name, err := hubName(value)
		if err != nil {
			return err
		}
		m := h.hubs[strings.ToLower(name)]
		switch {
		case m == nil:
			refused = unknownHub(name)
			return refused
		case slices.Contains(listed, m):
			refused = errTwice
			return refused
		}
		listed = append(listed, m)
		return nil
	})
	switch {
	case refused != nil:
		return nil, refused
	case err != nil:
		return nil, errConnectionData
	}
	return listed, nil
}

// hubName is the name in one entry of a list of hubs.
func hubName(entry []byte) (name string, err error) {
	found := false
	err = wire.Members(entry, func(key, value []byte) (err error) {
		if strings.EqualFold(string(key), "name") {
			found = true
			name, err = wire.JSONText(value)
		}
		return err
	})
	if err == nil && (!found || contract.ValidName(name) != nil) {
		err = errConnectionData
	}
	return name, err
}
