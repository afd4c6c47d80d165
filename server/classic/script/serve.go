package script

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

// Handler serves script to everybody: pages of any site load it by <script>, for
// which a browser sends no Origin, and it says nothing that a client would not
// have to know. What the hubs do for whom is decided when a client connects.
// Browsers keep it, and ask each time whether it has changed.
func Handler(script []byte) http.Handler {
	sum := sha256.Sum256(script)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		// For <script crossorigin>, as integrity checks need it.
		header.Set("Access-Control-Allow-Origin", "*")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "A script is asked for by GET.", http.StatusMethodNotAllowed)
			return
		}
		header.Set("Content-Type", "application/javascript; charset=UTF-8")
		header.Set("Cache-Control", "no-cache")
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		header.Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(script))
	})
}
