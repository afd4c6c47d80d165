package grants_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"partline.dev/server/grants"
)

// FuzzGrant reads what stands in tickets and session tokens.
func FuzzGrant(f *testing.F) {
	f.Add([]byte(`{"i":"AAAAAAAAAAAAAAAAAAAAAA","t":"contoso","u":"ann","n":"Ann","b":1,"e":61000,"d":28800000}`))
	f.Add([]byte(`{"i":"AAAAAAAAAAAAAAAAAAAAAA","r":["editor"],"h":["chat"],"l":["hall"],"s":"place","c":9,"b":1,"e":2,"d":1,"p":"https://a.example/"}`))
	f.Add([]byte(`{"i":"AAAAAAAAAAAAAAAAAAAAAA","b":1,"e":2,"d":1,"x":1}`))
	f.Add([]byte(`{} {}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		again, err := grants.ParseGrant(payload)
		if err != nil {
			return
		}
		third, err := grants.ParseGrant(again)
		if err != nil || !bytes.Equal(again, third) {
			t.Errorf("%q became %q, and that %q, %v", payload, again, third, err)
		}
		for _, r := range []string{"\u202e", "\u200b", "\x00"} {
			var g struct{ N string }
			if json.Unmarshal(again, &g) != nil || strings.Contains(g.N, r) {
				t.Errorf("the name %q is taken", g.N)
			}
		}
	})
}
