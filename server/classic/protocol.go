package classic

import (
	"math"
	"strconv"
	"strings"
)

// version is one of the protocol, as SignalR writes it: 1.5 or 2.1.
type version struct{ major, minor int32 }

// The oldest version that a client may speak, and the newest that a reply names.
// A client that speaks 2.1 takes 2.0.
var (
	oldestVersion = version{1, 2}
	newestVersion = version{2, 0}
)

// startVersion is the first whose clients say /start when they are ready. To the
// hub, an older client is there as soon as it has connected.
var startVersion = version{1, 4}

// parseVersion reads what a client says that it speaks, as .NET reads a version:
// two to four numbers with dots between them. Whatever else it is, or nothing, is
// the oldest.
func parseVersion(s string) version {
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 4 {
		return oldestVersion
	}
	var numbers [4]int32
	for i, part := range parts {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 32)
		if err != nil || n < 0 || n > math.MaxInt32 {
			return oldestVersion
		}
		numbers[i] = int32(n)
	}
	return version{numbers[0], numbers[1]}
}

// before tells whether v is an older version than other.
func (v version) before(other version) bool {
	return v.major < other.major || v.major == other.major && v.minor < other.minor
}

// spoken is the version that the two ends speak, and that a reply names.
func (v version) spoken() version {
	switch {
	case v.before(oldestVersion):
		return oldestVersion
	case newestVersion.before(v):
		return newestVersion
	}
	return v
}

// starts tells whether the client says /start when it is ready.
func (v version) starts() bool { return !v.before(startVersion) }

// redirects tells whether a client of this version can be sent elsewhere, or told
// an error, when it negotiates.
func (v version) redirects() bool { return !v.before(newestVersion) }

func (v version) String() string {
	return strconv.FormatInt(int64(v.major), 10) + "." + strconv.FormatInt(int64(v.minor), 10)
}
