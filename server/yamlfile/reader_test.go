package yamlfile_test

import (
	"slices"
	"strings"
	"testing"

	"partline.dev/server/yamlfile"
)

// Each mistake is one printable line with its number and its file, in the order of
// the lines, whatever the file has in it.
func TestReader_mistakes(t *testing.T) {
	var r yamlfile.Reader
	root := r.Document([]byte("\ufeffboxes:\r\n  red: {size: 1, seize: 2}\r\n  \"\\u202egreen\\e\": {}\r\n  red: {}\r\nother: [1]\r\n"), "boxes")
	for _, box := range r.Entries(r.Fields(root, "the file", "boxes")["boxes"].Value, "boxes") {
		if fields := r.Fields(box.Value, "the box "+box.Name, "size"); fields["size"].Value == nil {
			r.Wrong(box.Key, "%s has no size: %s", yamlfile.Quoted(box.Name), box.Name)
		}
	}
	want := []string{
		`boxes.yaml:2: the box red has no "seize"; did you mean size?`,
		`boxes.yaml:3: "\u202egreen\x1b" has no size: �green�`,
		`boxes.yaml:4: "red" stands here a second time; the first is in line 2`,
		`boxes.yaml:5: the file has no "other"; there is boxes`,
	}
	if got := strings.Split(r.Mistakes().In("boxes.yaml").Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := r.Count(); n != len(want) {
		t.Errorf("counted %d mistakes", n)
	}
}

func TestReader_emptyFile(t *testing.T) {
	var r yamlfile.Reader
	if root := r.Document([]byte("# nothing\n"), "boxes"); root != nil || r.Mistakes().Error() != "line 1: the file is empty; it begins with: boxes:" {
		t.Errorf("%v, %v", root, r.Mistakes())
	}
}
