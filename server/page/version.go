package page

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Version names what is served to a client, in 16 hexadecimal digits: the paths of
// the files, which tell their contents, in any order, and the Content-Security-Policy
// of pages.
func Version(files []string, policy string) string {
	names := slices.Sorted(slices.Values(files))
	sum := sha256.Sum256([]byte(strings.Join(append(names, policy), "\n")))
	return hex.EncodeToString(sum[:8])
}
