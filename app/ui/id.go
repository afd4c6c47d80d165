package ui

import (
	"hash/fnv"
	"strconv"
)

// idOf is a control's id, made from its label if it has none.
func idOf(id, label string) string {
	if id != "" {
		return id
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(label)) // never fails
	return "control-" + strconv.FormatUint(h.Sum64(), 16)
}
