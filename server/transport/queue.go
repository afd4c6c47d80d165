package transport

import "sync"

// segmentFrames is how many frames a segment holds: with its other fields it
// fills one of the allocator's size classes (384 bytes).
const segmentFrames = 15

// segment is a piece of a queue. Pieces are pooled, so a queue grows and shrinks
// without allocating, and an empty one holds none.
type segment struct {
	frames [segmentFrames][]byte
	n      int
	next   *segment
}

var segments = sync.Pool{New: func() any { return new(segment) }}

// queue is a list of frames. The zero value is empty.
type queue struct {
	head, tail *segment
}

func (q *queue) push(frame []byte) {
	if q.tail == nil || q.tail.n == segmentFrames {
		s := segments.Get().(*segment)
		if q.tail == nil {
			q.head = s
		} else {
			q.tail.next = s
		}
		q.tail = s
	}
	q.tail.frames[q.tail.n] = frame
	q.tail.n++
}

// take empties q into the queue that it returns.
func (q *queue) take() queue {
	taken := *q
	*q = queue{}
	return taken
}

// each hands over the frames in order, and whether it is the last, until f gives
// an error. It empties q, also then.
func (q *queue) each(f func(frame []byte, last bool) error) (err error) {
	for s := q.head; s != nil; {
		for i := 0; i < s.n && err == nil; i++ {
			err = f(s.frames[i], i+1 == s.n && s.next == nil)
		}
		following := s.next
		clear(s.frames[:s.n]) // a pooled segment keeps no event alive
		s.n, s.next = 0, nil
		segments.Put(s)
		s = following
	}
	*q = queue{}
	return err
}

// drop forgets every frame.
func (q *queue) drop() {
	_ = q.each(func([]byte, bool) error { return nil })
}
