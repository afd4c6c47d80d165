package gateway_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/server/edge/gateway"
	"partline.dev/server/edge/inside"
)

func FuzzReadIndex(f *testing.F) {
	whole, err := os.ReadFile(filepath.Join(rendered, gateway.IndexFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"languages":["en"],"version":"x","worker":"pages/worker.js"}`))
	f.Add([]byte(strings.Replace(string(whole), "pages/list.en.html", "../secret", 1)))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, content []byte) {
		index, err := gateway.ReadIndex(content)
		if err != nil {
			if !errors.Is(err, gateway.ErrIndex) || index != nil {
				t.Errorf("%v, %v", index, err)
			}
			return
		}
		for name, files := range index.Pages {
			for _, lang := range index.Languages {
				if file := files[lang]; file == "" || strings.Contains("/"+file+"/", "/../") || strings.HasPrefix(file, "/") {
					t.Errorf("%s in %s is the file %q", name, lang, file)
				}
			}
		}
	})
}

func FuzzReadAnswer(f *testing.F) {
	f.Add(200, []byte(`{"id":"x","token":"y","access":{}}`))
	f.Add(403, []byte(`{"status":403,"code":"scope","text":"No."}`))
	f.Add(503, []byte(`{"status":503,"retry":-1}`))
	f.Add(101, []byte(`{"status":101}`))
	f.Add(500, []byte(`Error: x`))
	f.Fuzz(func(t *testing.T, status int, reply []byte) {
		var made inside.Negotiated
		refused, err := gateway.ReadAnswer(status, reply, &made)
		switch {
		case err != nil:
			if refused != nil {
				t.Errorf("%d %q: %v and %v", status, reply, refused, err)
			}
		case status == http.StatusOK:
			if refused != nil || !json.Valid(reply) {
				t.Errorf("%q: %v", reply, refused)
			}
		case refused == nil || refused.Status < 400 || refused.Status > 599 || refused.Retry < 0:
			t.Errorf("%d %q: %+v", status, reply, refused)
		}
	})
}

func FuzzHubName(f *testing.F) {
	for _, path := range []string{"/hubs/chat", "/HUBS/Chat/", "/hubs/chat/negotiate", "/hubs/negotiate", "/hubs//negotiate", "/hubs/a/b", "hubs", "/negotiate", "//"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		name, ok := gateway.HubName(path)
		if ok && (name == "" || strings.Contains(name, "/")) {
			t.Errorf("%q is the hub %q", path, name)
		}
		if !ok {
			return
		}
		for _, other := range []string{"/hubs/" + name, "/Hubs/" + name + "/NEGOTIATE"} {
			if again, ok := gateway.HubName(other); (!ok || again != name) && !strings.EqualFold(name, "negotiate") {
				t.Errorf("%q is the hub %q, and %q %q", path, name, other, again)
			}
		}
	})
}
