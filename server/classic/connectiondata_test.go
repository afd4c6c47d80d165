package classic_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/classic"
)

const textData = "Protocol error: The connectionData is malformed."

func TestConnectionData(t *testing.T) {
	h := newHandler(t, classic.Options{})
	for text, want := range map[string][]string{
		``: nil, `null`: nil, ` null `: nil, `[]`: nil,
		`[{"name":"chathub"}]`:                             {"chat"},
		`[{"name":"otherhub"},{"name":"chathub"}]`:         {"other", "chat"},
		`[{"Name":"CHATHUB","more":[1]}, {"name":"vip"} ]`: {"chat", "vip"},
		`[{"name":"\u0063hatHub"}]`:                        {"chat"},
	} {
		if got, _, refusal := h.ListedHubs(text); refusal != "" || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %s", text, got, refusal)
		}
	}
}

func TestConnectionData_refused(t *testing.T) {
	h := newHandler(t, classic.Options{})
	for text, want := range map[string]string{
		`[{"name":"nope"}]`:                       "'nope' Hub could not be resolved.",
		`[{"name":"chathub"},{"name":"Nope"}]`:    "'Nope' Hub could not be resolved.",
		`[{"name":"chat"}]`:                       "'chat' Hub could not be resolved.", // its own name is not its classic one
		`[{"name":"<script>"}]`:                   "'<script>' Hub could not be resolved.",
		`[{"name":"chathub"},{"name":"chathub"}]`: "Duplicate hub names found.",
		`[{"name":"chathub"},{"name":"ChatHub"}]`: "Duplicate hub names found.",
		strings.Repeat(`[{"name":"chathub"},`, 1) + `{"name":"chathub"},{"name":"nope"}]`: "Duplicate hub names found.",

		`{}`: textData, `{"name":"chathub"}`: textData, `"chathub"`: textData, `["chathub"]`: textData, `[{}]`: textData,
		`[null]`: textData, `[{"name":null}]`: textData, `[{"name":1}]`: textData, `[{"name":["chathub"]}]`: textData,
		`[{"name":""}]`: textData, `[{"name":"a\nb"}]`: textData, `[{"name":"` + strings.Repeat("x", 256) + `"}]`: textData,
		`[`: textData, `[{"name":"chathub"}`: textData, `[{"name":"chathub"}]]`: textData, `undefined`: textData,
		"[{\"name\":\"\xff\"}]": textData, strings.Repeat("[", 10_000): textData,
		"[" + strings.Repeat(" ", classic.MaxConnectionData) + "]": textData,
	} {
		status := http.StatusInternalServerError
		if want == textData {
			status = http.StatusBadRequest
		}
		if got, gotStatus, refusal := h.ListedHubs(text); got != nil || refusal != want || gotStatus != status {
			t.Errorf("%.60q: %q, %d, %s", text, got, gotStatus, refusal)
		}
	}
}

func FuzzConnectionData(f *testing.F) {
	h := newHandler(f, classic.Options{})
	f.Fuzz(func(t *testing.T, text string) {
		got, status, refusal := h.ListedHubs(text)
		if refusal != "" && (got != nil || status != http.StatusBadRequest && status != http.StatusInternalServerError) {
			t.Fatalf("%q: %q, %d, %s", text, got, status, refusal)
		}
		if strings.ContainsAny(refusal, "\r\n\x00") || len(refusal) > 400 {
			t.Fatalf("%q: %q", text, refusal)
		}
		slices.Sort(got)
		if len(slices.Compact(slices.Clone(got))) != len(got) || len(got) > 3 {
			t.Fatalf("%q: %q", text, got)
		}
	})
}
