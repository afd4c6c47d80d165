package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxAsked is the longest body beside the arguments of an event, in bytes.
const maxAsked = 64 << 10

// readBody is the body of r, of at most limit bytes, which says that it is JSON.
func readBody(w http.ResponseWriter, r *http.Request, limit int) ([]byte, *refusal) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &refusal{http.StatusUnsupportedMediaType, CodeMediaType, "The body must be JSON, and say so: Content-Type: application/json."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	if long := (*http.MaxBytesError)(nil); errors.As(err, &long) {
		return nil, &refusal{http.StatusRequestEntityTooLarge, CodeTooLong, fmt.Sprintf("The body is longer than %d bytes.", limit)}
	}
	if err != nil {
		return nil, bad(CodeBody, "The body did not come whole.")
	}
	return body, nil
}

// bad is a refusal of what the client sent.
func bad(code Code, format string, arguments ...any) *refusal {
	return &refusal{http.StatusBadRequest, code, fmt.Sprintf(format, arguments...)}
}

// members are those of a JSON object, each of which must be known, and be there
// once. What names the object in errors.
func members(raw []byte, what string, known ...string) (map[string]json.RawMessage, *refusal) {
	if !utf8.Valid(raw) {
		return nil, bad(CodeBody, "%s is not UTF-8.", what)
	}
	if !json.Valid(raw) {
		return nil, bad(CodeBody, "%s is not JSON.", what)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, bad(CodeBody, "%s is not a JSON object.", what)
	}
	all := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, bad(CodeBody, "%s is not JSON.", what)
		}
		key, _ := name.(string)
		if !slices.Contains(known, key) {
			return nil, bad(CodeBody, "%s has the member %.64q, which is none of %s.", what, key, listed(known))
		}
		if _, twice := all[key]; twice {
			return nil, bad(CodeBody, "%s has the member %q twice.", what, key)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, bad(CodeBody, "%s is not JSON.", what)
		}
		all[key] = value
	}
	return all, nil
}

// listed are words for a sentence.
func listed(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// read is the value of a member of that type; absent, or null, it is v's zero.
func read[T any](all map[string]json.RawMessage, name, kind string) (v T, refused *refusal) {
	raw, there := all[name]
	if !there || string(raw) == "null" {
		return v, nil
	}
	if json.Unmarshal(raw, &v) != nil {
		return v, bad(CodeBody, "%s must be %s.", name, kind)
	}
	return v, nil
}

// text and texts are a member that is a string, or a list of strings.
func text(all map[string]json.RawMessage, name string) (string, *refusal) {
	return read[string](all, name, "a string")
}

func texts(all map[string]json.RawMessage, name string) ([]string, *refusal) {
	list, refused := read[[]*string](all, name, "a list of strings")
	if refused != nil || list == nil {
		return nil, refused
	}
	plain := make([]string, len(list))
	for i, s := range list {
		if s == nil {
			return nil, bad(CodeBody, "%s must be a list of strings.", name)
		}
		plain[i] = *s
	}
	return plain, nil
}
