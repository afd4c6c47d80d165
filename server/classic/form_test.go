package classic_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"partline.dev/server/classic"
)

func TestForm(t *testing.T) {
	for body, want := range map[string]classic.Form{
		"":                                  {},
		"data=%7B%22H%22%3A%22h%22%7D":      {Data: `{"H":"h"}`, HasData: true},
		"data=":                             {HasData: true},
		"data":                              {HasData: true},
		"data=a+b%2Bc":                      {Data: "a b+c", HasData: true},
		"data=%C3%A9%F0%9F%98%80":           {Data: "é😀", HasData: true},
		"messageId=d-1%2C2&groupsToken=abc": {MessageID: "d-1,2", GroupsToken: "abc"},
		"MESSAGEID=a&GroupsToken=b&Data=c":  {MessageID: "a", GroupsToken: "b", Data: "c", HasData: true},
		"x=%ZZ&&=&data=1&%64ata=2":          {Data: "1", HasData: true},
		"data=a=b;c":                        {Data: "a=b;c", HasData: true},
	} {
		if got, err := classic.ReadForm(body); err != nil || got != want {
			t.Errorf("%q: %+v, %v", body, got, err)
		}
	}
}

func TestForm_malformed(t *testing.T) {
	for _, body := range []string{
		"data=%", "data=%4", "data=%GG", "data=%ff", "data=%C3", "messageId=%00%", "data=%ED%A0%80",
		"data=1&data=2", "data=&DATA=", "groupsToken=a&groupsToken=a",
		strings.Repeat("a=1&", classic.MaxFields) + "data=1",
		strings.Repeat("&", 1<<20), strings.Repeat("data&", 2),
	} {
		if got, err := classic.ReadForm(body); !errors.Is(err, classic.ErrForm) || got != (classic.Form{}) {
			t.Errorf("%.40q: %+v, %v", body, got, err)
		}
	}
}

func TestForm_types(t *testing.T) {
	for contentType, want := range map[string]bool{
		"":                                  true,
		"application/x-www-form-urlencoded": true,
		"application/x-www-form-urlencoded; charset=UTF-8":     true,
		"application/x-www-form-urlencoded;charset=utf-8":      true,
		"APPLICATION/X-WWW-FORM-URLENCODED; Charset=\"utf-8\"": true,
		"application/x-www-form-urlencoded; charset=utf-16":    false,
		"application/json":                              false,
		"text/plain;charset=UTF-8":                      false,
		"multipart/form-data; boundary=x":               false,
		"application/x-www-form-urlencoded, text/plain": false,
		";": false,
	} {
		if got := classic.IsForm(contentType); got != want {
			t.Errorf("%q: %v", contentType, got)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Fuzz(func(t *testing.T, body string) {
		got, err := classic.ReadForm(body)
		if err != nil {
			if !errors.Is(err, classic.ErrForm) || got != (classic.Form{}) {
				t.Fatalf("%q: %+v, %v", body, got, err)
			}
			return
		}
		if !utf8.ValidString(got.Data + got.MessageID + got.GroupsToken) {
			t.Fatalf("%q: %+v", body, got)
		}
		// Where there is nothing that the two see in different ways.
		if strings.ContainsAny(body, ";%") || strings.Contains(strings.ToLower(body), "data") && !strings.Contains(body, "data") {
			return
		}
		values, err := url.ParseQuery(body)
		if err != nil {
			t.Fatalf("%q was taken, and is none: %v", body, err)
		}
		if want, there := values["data"]; there && want[0] != got.Data {
			t.Fatalf("%q: data is %q", body, got.Data)
		}
	})
}
