package main

import (
	"strings"
	"testing"
)

func TestReconcileTellsWhatIsMissingAndWhatIsDouble(t *testing.T) {
	clients := func(counts ...int64) (all []*client) {
		for _, n := range counts {
			all = append(all, &client{messages: n})
		}
		return all
	}
	if err := reconcile(clients(5, 5, 5), 5); err != nil {
		t.Errorf("everything arrived: %v", err)
	}
	for want, counts := range map[string][]int64{
		"1 of 3 clients are short of 2 messages": {5, 3, 5},
		"1 clients have 1 too many":              {5, 6, 5},
		"2 of 3 clients are short of 6 messages": {2, 11, 2},
	} {
		if err := reconcile(clients(counts...), 5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", counts, err, want)
		}
	}
	closed := clients(5)
	closed[0].err = errFrame
	if err := reconcile(closed, 5); err == nil {
		t.Error("a client that failed goes unnoticed")
	}
}

func TestReceiveCountsAndTimesMessages(t *testing.T) {
	const stamp = 1_700_000_000_123_456_789
	one := appendServerFrame(nil, opText, messageJSON(stamp))
	many := append(messageJSON(stamp), messageJSON(stamp+1)...)
	stream := appendServerFrame(one, opText, []byte("a ping"))
	stream = appendServerFrame(stream, opBinary, many)
	c := &client{carrier: &frameReader{}}
	samples := []span{}
	c.receive(stream, &samples)
	if c.messages != 3 || c.err != nil {
		t.Errorf("%d messages, %v; want 3", c.messages, c.err)
	}
	if len(samples) != 3 || samples[0].From != stamp || samples[2].From != stamp+1 || samples[2].To < samples[0].To {
		t.Errorf("samples %v", samples)
	}
	c.receive(appendServerFrame(nil, opClose, []byte("\x03\xf5slow")), nil)
	if c.err == nil || !strings.Contains(c.err.Error(), "slow") {
		t.Errorf("after a close frame: %v", c.err)
	}
}
