package script_test

import (
	"encoding/json"
	"strings"
	"testing"

	"partline.dev/server/classic/script"
	"partline.dev/shared/contract"
)

// FuzzWrite holds that whatever a name is, it stands in the script once as a
// string of ASCII that cannot end early, and means itself there.
func FuzzWrite(f *testing.F) {
	f.Fuzz(func(t *testing.T, name, base string) {
		if contract.ValidName(name) != nil || contract.ValidName(base) != nil || strings.HasPrefix(name, "$") {
			t.Skip("no hub's method has such a name")
		}
		hub := contract.NewHub("chat")
		write := func(name string) []string {
			m := contract.NewMethod[contract.None, contract.None](hub, name)
			text := script.Write([]*contract.API{contract.NewAPI(hub, m)}, base)
			for _, b := range text {
				if b != '\n' && (b < ' ' || b > '~') {
					t.Fatalf("%q: the byte %#x is in the script", name, b)
				}
			}
			return strings.Split(string(text), "\n")
		}
		lines, plain := write(name), write("Send")
		if len(lines) != len(plain) {
			t.Fatalf("%q: the script has %d lines, not %d", name, len(lines), len(plain))
		}
		for i, line := range lines {
			if !strings.Contains(plain[i], `["send", "Send"]`) {
				continue
			}
			var pair [2]string
			if err := json.Unmarshal([]byte(line), &pair); err != nil || strings.ContainsAny(line, "<>&'") {
				t.Fatalf("%q: %v in %s", name, err, line)
			}
			if pair[1] != name || !strings.EqualFold(pair[0], name) {
				t.Errorf("%q is %q and calls %q", name, pair[0], pair[1])
			}
		}
		var url string
		for _, line := range lines {
			if _, rest, ok := strings.Cut(line, "$.hubConnection("); ok {
				if err := json.Unmarshal([]byte(strings.TrimSuffix(rest, ", { useDefaultPath: false });")), &url); err != nil {
					t.Fatalf("%v in %s", err, line)
				}
			}
		}
		if url != base {
			t.Errorf("the base path is %q, not %q", url, base)
		}
	})
}
