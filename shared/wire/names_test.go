package wire_test

import (
	"testing"

	"partline.dev/shared/wire"
)

// The names on the right are what System.Text.Json's JsonNamingPolicy.CamelCase
// makes of those on the left.
func TestJSONName(t *testing.T) {
	for name, want := range map[string]string{
		"A": "a", "ID": "id", "Id": "id", "URL": "url", "URLPath": "urlPath", "UserID": "userID", "UserName": "userName",
		"IOStream": "ioStream", "A1": "a1", "AB1": "aB1", "XMLHTTPRequest": "xmlhttpRequest", "X_Y": "x_Y", "XY_Z": "xY_Z",
		"Ärger": "ärger", "ÄÖü": "äÖü", "": "",
	} {
		if got := wire.JSONName(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

type named struct {
	ID, URLPath string
	MaxSize     int
}

func TestNaming_asDeclaredForClassic(t *testing.T) {
	p := planOf[named](t)
	v := named{ID: "7", URLPath: "/a", MaxSize: 3}
	b, err := wire.AppendDeclared(nil, p, reflectOf(v))
	if want := `{"ID":"7","URLPath":"/a","MaxSize":3}`; string(b) != want || err != nil {
		t.Errorf("wrote %s, %v, want %s", b, err, want)
	}
	var got named
	if err := wire.ReadDeclared([]byte(`{"id":"7","URLPATH":"/a","maxSize":3}`), p, settable(&got)); err != nil || got != v {
		t.Errorf("read %+v, %v", got, err)
	}
}

func TestNaming_readersTakeAnyCase(t *testing.T) {
	want := named{ID: "7", URLPath: "/a", MaxSize: 3}
	for _, raw := range []string{
		`{"id":"7","urlPath":"/a","maxSize":3}`,
		`{"ID":"7","URLPath":"/a","MaxSize":3}`,
		`{"iD":"7","URLPATH":"/a","MAXSIZE":3}`,
		`{"maxSize":3,"urlPath":"/a","id":"7"}`,
		`{"\u0069d":"7","url\u0050ath":"/a","maxSize":3}`,
		`{"other":{"id":"8"},"id":"7","more":[1,[2]],"urlPath":"/a","maxSize":3,"last":null}`,
		"\t{\r\n\"id\" : \"7\" , \"urlPath\":\"/a\",\"maxSize\": 3 } ",
	} {
		if got, err := read[named](t, raw); got != want || err != nil {
			t.Errorf("%s is %+v, %v", raw, got, err)
		}
	}
}
