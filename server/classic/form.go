package classic

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFields is how many fields a form may have. SignalR's clients send two.
const maxFields = 16

// form is what a client of ours may say in the body of a POST.
type form struct {
	messageID, groupsToken, data string
	hasData                      bool // data is there, though perhaps empty
}

// readForm reads the form of a POST.
func (h *Handler) readForm(w http.ResponseWriter, r *http.Request) (form, *refusal) {
	if r.Method != http.MethodPost {
		return form{}, nil
	}
	body, ok := h.host.ReadBody(w, r, int64(h.options.FormLimit))
	switch {
	case !ok:
		return form{}, errAnswered
	case len(body) == 0:
		return form{}, nil
	case !isForm(r.Header.Get("Content-Type")):
		return form{}, errContentType
	}
	f, err := parseForm(string(body))
	if err != nil {
		return form{}, errForm
	}
	return f, nil
}

// parseForm reads application/x-www-form-urlencoded text. Fields that nobody asks
// for are skipped, and not even unescaped; names are in any case, as in .NET. The
// error is errForm for too many fields, two of one name, bad escapes, and what is
// not UTF-8.
func parseForm(body string) (f form, err error) {
	fields := 0
	var seen [3]bool
	for field := range strings.SplitSeq(body, "&") {
		if fields++; fields > maxFields {
			return form{}, errForm
		}
		name, value, _ := strings.Cut(field, "=")
		var to *string
		i := slices.IndexFunc(fieldNames, func(s string) bool { return strings.EqualFold(s, name) })
		switch i {
		case 0:
			to = &f.data
		case 1:
			to = &f.messageID
		case 2:
			to = &f.groupsToken
		default:
			continue
		}
		if seen[i] {
			return form{}, errForm
		}
		seen[i] = true
		if *to, err = url.QueryUnescape(value); err != nil || !utf8.ValidString(*to) {
			return form{}, errForm
		}
		*to = strings.Clone(*to) // it must not keep the whole body while it waits
	}
	f.hasData = seen[0]
	return f, nil
}

// fieldNames are the fields of a form.
var fieldNames = []string{"data", "messageId", "groupsToken"}

// isForm tells whether a body of that type is a form. Who says no type means one.
func isForm(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	charset := parameters["charset"]
	return err == nil && media == "application/x-www-form-urlencoded" &&
		(charset == "" || strings.EqualFold(charset, "utf-8"))
}
