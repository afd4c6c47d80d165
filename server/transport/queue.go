package transport

import "sync"

// segmentFrames is how many frames a segment holds: with its other fields it
// fills one of the allocator's size classes (384 bytes).
const segmentFrames = 15

// segment is a piece of a queue. Pieces are pooled, so a queue grows and shrinks
// without allocating, and an empty one holds none.
type segment struct {
	frames [segmentFrames][]byte
	first  int // the first that is still there
	n      int // behind the last
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

// peek returns the first frame, or nil.
func (q *queue) peek() []byte {
	if q.head == nil {
		return nil
	}
	return q.head.frames[q.head.first]
}

// pop takes the first frame off. The queue is not empty.
func (q *queue) pop() {
	s := q.head
	s.frames[s.first] = nil // a pooled segment keeps no event alive
	if s.first++; s.first < s.n {
		return
	}
	if q.head = s.next; q.head == nil {
		q.tail = nil
	}
	s.first, s.n, s.next = 0, 0, nil
	segments.Put(s)
}

// gather takes off what one write carries, and tells what it counted for: the
// first frame as it is, or more copied together into a chunk, which the caller
// gives back to the pool. The queue is not empty.
func (q *queue) gather() (frames []byte, cost int, chunk *[]byte) {
	frames = q.peek()
	q.pop()
	cost = len(frames) + frameCost
	next := q.peek()
	if next == nil || len(frames)+len(next) > chunkSize {
		return frames, cost, nil
	}
	chunk = chunks.Get().(*[]byte)
	joined := append((*chunk)[:0], frames...)
	for next != nil && len(joined)+len(next) <= chunkSize {
		joined = append(joined, next...)
		cost += len(next) + frameCost
		q.pop()
		next = q.peek()
	}
	return joined, cost, chunk
}

// length is how many bytes the frames are together.
func (q *queue) length() int {
	n := 0
	for s := q.head; s != nil; s = s.next {
		for _, frame := range s.frames[s.first:s.n] {
			n += len(frame)
		}
	}
	return n
}

// drop forgets every frame.
func (q *queue) drop() {
	for q.head != nil {
		q.pop()
	}
}
