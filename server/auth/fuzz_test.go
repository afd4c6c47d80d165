package auth_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/auth"
	"partline.dev/server/keys"
	"partline.dev/shared/access"
)

var fuzzed = sync.OnceValue(func() *keys.Signer { return keys.NewSigner(keys.Random()) })

// FuzzTicket brings texts that nobody has signed.
func FuzzTicket(f *testing.F) {
	h := newHouse(f)
	h.signer = fuzzed()
	f.Add("pt1.")
	f.Add(h.mint(ann)) // of other keys than the Authority's
	f.Add("pt1." + strings.Repeat("A", 22))
	f.Add("ps1.\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := h.redeem(text, atChat); text != "" {
			wantRefused(t, err, access.CodeTicket)
		}
		if _, _, err := h.Authenticate(request("ps1."+text, ""), atChat); err == nil {
			t.Errorf("%q was taken", text)
		}
	})
}

// FuzzSpent reads files of used tickets.
func FuzzSpent(f *testing.F) {
	f.Add(auth.Line([]byte(`{"ticket":"AAAAAAAAAAAAAAAAAAAAAA","tenant":"contoso","until":61000}`)))
	f.Add([]byte("00000000 {}\n\nrubbish"))
	f.Add(bytes.Repeat([]byte("x"), 5000))
	f.Fuzz(func(t *testing.T, content []byte) { readLines(t, content, auth.ReadSpent) })
}

// FuzzRevoked reads files of what was taken back.
func FuzzRevoked(f *testing.F) {
	f.Add(auth.Line([]byte(`{"tenant":"contoso","user":"ann","at":61000}`)))
	f.Add(auth.Line([]byte(`{"session":"AAAAAAAAAAAAAAAAAAAAAA","at":1}`)))
	f.Add([]byte("00000000 {}\n\nrubbish"))
	f.Fuzz(func(t *testing.T, content []byte) { readLines(t, content, auth.ReadRevoked) })
}

// readLines reads content as it is, and each of its lines with the right sum.
func readLines(t *testing.T, content []byte, read func(io.Reader) (int, int, error)) {
	lines := bytes.Count(content, []byte("\n")) + 1
	sound, damaged, err := read(bytes.NewReader(content))
	if err != nil || sound+damaged > lines {
		t.Errorf("of %d lines %d are sound and %d damaged, %v", lines, sound, damaged, err)
	}
	var whole []byte
	for one := range bytes.SplitSeq(content, []byte("\n")) {
		whole = append(whole, auth.Line(one)...)
	}
	sound, damaged, err = read(bytes.NewReader(whole))
	if err != nil || sound+damaged != lines {
		t.Errorf("of %d lines with sums %d are sound and %d damaged, %v", lines, sound, damaged, err)
	}
}

// FuzzKeys reads JWK sets.
func FuzzKeys(f *testing.F) {
	content, err := json.Marshal(map[string]any{"keys": []any{jwkOf("rsa", rsaKey().Public()), jwkOf("ec", ecKey().Public()), jwkOf("ed", edKey().Public())}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"","e":""},{"kty":"EC","crv":"P-256"},{"kty":"OKP","crv":"Ed25519","x":"AA"},null,7]}`))
	f.Add([]byte(`{"keys":null}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		if n, err := auth.ParseKeys(content); err != nil && n != 0 || n > 100 {
			t.Errorf("%d keys and %v", n, err)
		}
	})
}

// FuzzBearer brings tokens that nobody has signed.
func FuzzBearer(f *testing.F) {
	h := newHouse(f, from(newIssuer(jwkOf("rsa", otherRSAKey().Public()))))
	f.Add(annsToken(f))
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		r := request("", "")
		r.Header["Authorization"] = []string{"Bearer x" + token}
		_, err := h.Negotiate(r, atChat, nil)
		wantRefused(t, err, access.CodeToken)
	})
}
