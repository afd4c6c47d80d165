package address

import "strings"

// Match returns the language of the first preference that is among known, each of
// which is a BCP 47 primary subtag, else the first of known. A preference is a
// language tag of any case ("de-AT"), or a list of them as in the header
// Accept-Language; quality values and order inside one list are taken as they stand,
// first wins. A tag that is not one is passed over.
func Match[L ~string](known []L, preferences ...string) L {
	for _, p := range preferences {
		// A list is read no further than a person would write one.
		for _, tag := range strings.SplitN(p, ",", 33) {
			tag, _, _ = strings.Cut(tag, ";")
			primary, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
			primary, _, _ = strings.Cut(primary, "_")
			for _, l := range known {
				if strings.EqualFold(primary, string(l)) {
					return l
				}
			}
		}
	}
	return known[0]
}
