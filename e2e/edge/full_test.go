package edge_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/server/edge/inside"
	"partline.dev/shared/chat"
	"partline.dev/shared/contract"
)

// TestFull_disk fills the disk under the rooms with posts. Whoever posts is told at
// the latest by the end of the connection, and when there is space again the room goes
// on with all that was acknowledged.
func TestFull_disk(t *testing.T) {
	t.Parallel()
	disk, ballast := smallDisk(t)
	r := start(t, disk, nil)
	must, room := mustOf(t), "full"
	begin := func(name string, codec int) *member {
		m, err := join(t, r, room, name, codecs(codec), inside.Negotiation{Hub: "chat", Where: in(contract.ScopeTenant, "", "")})
		must(err)
		return m
	}
	acknowledged := map[int64]string{}
	var epoch string
	post := func(m *member, text string) error {
		at, err := call(m, chat.PostMethod, chat.Post{Text: text})
		if err != nil {
			return err
		}
		if epoch == "" {
			epoch = at.Epoch
		}
		if before, ok := acknowledged[at.Offset]; ok || at.Epoch != epoch {
			t.Errorf("%.20q has offset %d of %s, where there is %.20q", text, at.Offset, at.Epoch, before)
		}
		acknowledged[at.Offset] = text
		return nil
	}
	poster, listener := begin("who posts", 0), begin("who listens", 1)
	var refused error
	const most = 2000
	for i := 0; refused == nil; i++ {
		if i == most {
			t.Fatalf("%d posts did not fill the disk", most)
		}
		refused = post(poster, fmt.Sprintf("%d %s", i, strings.Repeat("x", 8<<10)))
	}
	if errors.Is(refused, errNoAnswer) {
		t.Fatal("a post on a full disk was not answered")
	}
	t.Logf("%d posts were acknowledged, and then: %v", len(acknowledged), refused)
	_, err := listener.ended() // its room was reset
	must(err)
	var heard []int64 // by offset
	for _, what := range listener.forget() {
		var of string
		var at int64
		if _, err := fmt.Sscanf(what, "message: {%s %d", &of, &at); err == nil && of == epoch {
			heard = append(heard, at)
		}
	}
	if len(heard) == 0 {
		t.Error("nobody else heard anything")
	}
	must(os.Remove(ballast))
	// Whoever was in the room comes back.
	later := begin("who comes later", 1)
	must(post(later, "after"))
	check := func(m *member) {
		t.Helper()
		items, err := replay(m)
		must(err)
		kept := map[int64]string{}
		last := int64(0)
		for _, item := range items {
			if item.Message == nil {
				t.Fatalf("a gap: %+v", item.Gap)
			}
			if item.Message.Offset != last+1 {
				t.Errorf("after %d comes %d", last, item.Message.Offset)
			}
			last = item.Message.Offset
			kept[last] = item.Message.Text
		}
		for at, text := range acknowledged {
			if kept[at] != text {
				t.Errorf("at %d is %.20q, where %.20q was acknowledged", at, kept[at], text)
			}
		}
		for _, at := range heard {
			if kept[at] == "" {
				t.Errorf("what somebody else heard, %d, is not kept", at)
			}
		}
		if extra := len(kept) - len(acknowledged); extra > 1 {
			t.Errorf("%d posts are kept that were not acknowledged, where one was under way", extra)
		}
	}
	check(later)
	r.stop()
	r.restart()
	check(begin("who comes at last", 0))
}

// smallDisk is a folder on a disk of few bytes, and a file that has some of them.
func smallDisk(t *testing.T) (dir, ballast string) {
	t.Helper()
	dir = t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "partline-test", dir).CombinedOutput(); err != nil {
		t.Skipf("no disk can be mounted here, so none can be full: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	ballast = filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, ballast
}
