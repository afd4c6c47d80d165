package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/shared/chat"
	client "partline.dev/wasmclient"
)

// The Workers end and begin anew over the same storage, the second time with a room of
// another program: clients come back by themselves, and what was acknowledged is there,
// once and in order.
func TestEdge_deploy(t *testing.T) {
	t.Parallel()
	built, err := theEdge()
	if err != nil {
		t.Fatal(err)
	}
	smaller := filepath.Join(t.TempDir(), "room.wasm")
	if err := buildRoom(smaller, "-ldflags=-s -w"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	e := startEdge(t)
	page := chromium.Start(t, nil).Open(e.HostURL)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)
	reader := readChat(t, e.URL, "hall", anyWay)
	writer := client.New(e.URL+"/hubs/chat", chat.Hub, chatOptions("hall", anyWay))
	running, stop := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- writer.Run(running) }()
	t.Cleanup(func() {
		stop()
		<-ran
		writer.Close()
	})

	var kept []chat.Message
	lines := []string{}
	talk := func(round int) {
		t.Helper()
		for n := range 20 {
			isConnected(ctx, writer)
			text := fmt.Sprint(round, ".", n)
			at, err := client.Call(ctx, writer, chat.PostMethod, chat.Post{Text: text})
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, chat.Message{Epoch: at.Epoch, Offset: at.Offset, At: at.At, Text: text})
		}
		reader.until(ctx, t, func(r *chatReader) bool { return len(r.shown) >= len(kept) })
		text := fmt.Sprint("round ", round)
		one.say(text)
		lines = append(lines, speaksOne+": "+text)
		one.expect(lines...)
		two.expect(lines...)
	}
	talk(1)
	for round, flags := range [][]string{{}, {"--room-wasm", built.room}, {"--room-wasm", smaller}} {
		e.stop()
		for _, p := range []*connectedPart{one, two} {
			p.Wait("to miss its hub", saysStatus+` !== "Connected"`)
		}
		e.start(flags...)
		for _, p := range []*connectedPart{one, two} {
			p.waitStatus("Connected")
		}
		talk(round + 2)
	}
	later := readChat(t, e.URL, "hall", anyWay)
	later.until(ctx, t, func(r *chatReader) bool { return r.replays > 0 })
	for who, r := range map[string]*chatReader{"who was there all the time": reader, "who comes later": later} {
		r.mu.Lock()
		if len(r.gaps) > 0 || len(r.shown) != len(kept) {
			t.Errorf("%s was shown %d messages of %d, and gaps %v", who, len(r.shown), len(kept), r.gaps)
		}
		for i, m := range r.shown[:min(len(r.shown), len(kept))] {
			if m != kept[i] || m.Offset != int64(i+1) {
				t.Fatalf("%s was shown %+v, not %+v", who, m, kept[i])
			}
		}
		r.mu.Unlock()
	}
}
