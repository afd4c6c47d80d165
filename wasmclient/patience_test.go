package client_test

import (
	"testing"
	"time"

	client "partline.dev/wasmclient"
)

// TestPatience follows looks at the clock, in seconds, with a limit of 30.
func TestPatience(t *testing.T) {
	const dead = -1
	type look struct{ now, heard, due, next int }
	for _, c := range []struct {
		name  string
		looks []look
	}{
		{"a hub that speaks", []look{{15, 14, 15, 44}, {30, 29, 30, 59}, {59, 58, 59, 88}}},
		{"a hub that falls silent", []look{{15, 1, 15, 31}, {31, 1, 31, dead}}},
		{"a timer a little late changes nothing", []look{{32, 1, 31, dead}}},
		{"a page that was frozen, whose hub lives", []look{{300, 1, 31, 315}, {315, 301, 315, 331}, {331, 301, 331, dead}}},
		{"a page that was frozen, whose hub is gone", []look{{300, 1, 31, 315}, {315, 1, 315, dead}}},
		{"a page frozen before the silence was over", []look{{31, 1, 15, 46}, {46, 1, 46, dead}}},
		{"a page frozen in its second chance", []look{{300, 1, 31, 315}, {400, 1, 315, dead}}},
		{"timers of a hidden tab, once a minute, and a hub that speaks", []look{{60, 55, 15, 85}, {120, 115, 85, 145}}},
		{"a second freeze after the hub was heard", []look{{300, 1, 31, 315}, {315, 310, 315, 340}, {600, 311, 340, 615}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			judge := client.Patience(30 * time.Second)
			for _, l := range c.looks {
				next, gone := judge(seconds(l.now), seconds(l.heard), seconds(l.due))
				if gone != (l.next == dead) || !gone && next != seconds(l.next) {
					t.Fatalf("at %d, heard at %d, due at %d: look again at %v, dead: %v; want %d", l.now, l.heard, l.due, next, gone, l.next)
				}
			}
		})
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
