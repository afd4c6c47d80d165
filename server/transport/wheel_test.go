package transport_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/transport"
)

func TestWheel_isNeverEarlyAndATickLateAtMost(t *testing.T) {
	for _, wait := range []time.Duration{
		1 * time.Millisecond, 100 * time.Millisecond, 101 * time.Millisecond, 15 * time.Second,
		51_200 * time.Millisecond, 60 * time.Second, 10 * time.Minute, // more than a turn
	} {
		t.Run(wait.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := transport.NewWheel()
				time.Sleep(37 * time.Millisecond) // between two ticks
				begin := time.Now()
				done := make(chan time.Duration)
				w.After(wait.Milliseconds(), func() { done <- time.Since(begin) })
				got := <-done
				if got < wait || got > wait+transport.WheelTick {
					t.Errorf("a timer of %v fired after %v", wait, got)
				}
			})
		})
	}
}

func TestWheel_callsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := transport.NewWheel()
		var got []int
		for _, n := range []int{900, 100, 500, 300, 100_000, 700} {
			w.After(int64(n), func() { got = append(got, n) })
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if want := []int{100, 300, 500, 700, 900, 100_000}; !slices.Equal(got, want) {
			t.Errorf("fired in the order %v, want %v", got, want)
		}
	})
}

func TestWheel_stop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := transport.NewWheel()
		fired := make(chan struct{}, 2)
		stop := w.After(1000, func() { fired <- struct{}{} })
		if !stop() {
			t.Error("stop says that a timer of a second fired at once")
		}
		if stop() {
			t.Error("the second stop says that there was something to stop")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(fired) != 0 {
			t.Error("a stopped timer fired")
		}
		stop = w.After(1000, func() { fired <- struct{}{} })
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(fired) != 1 || stop() {
			t.Errorf("%d calls, and stop after the call says it came before", len(fired))
		}
	})
}

func TestWheel_stopFromATimerOfTheSameTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := transport.NewWheel()
		stop := make(chan func() bool, 1)
		stopped := false
		w.After(1000, func() { stopped = (<-stop)() })
		stop <- w.After(1000, func() { t.Error("a timer fired after it was stopped") })
		time.Sleep(time.Minute)
		synctest.Wait()
		if !stopped {
			t.Error("the timer could not be stopped")
		}
	})
}

func TestWheel_setsItselfAgain(t *testing.T) {
	// As the core's keep-alive does.
	synctest.Test(t, func(t *testing.T) {
		w := transport.NewWheel()
		begin, calls := time.Now(), 0
		var again func()
		again = func() {
			if calls++; calls < 100 {
				w.After(15_000, again)
			}
		}
		w.After(15_000, again)
		time.Sleep(26 * time.Minute)
		synctest.Wait()
		if calls != 100 {
			t.Errorf("%d calls in %v, want 100", calls, time.Since(begin))
		}
	})
}

func TestWheel_restsWhileNothingIsScheduled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := transport.NewWheel()
		if w.Running() {
			t.Error("a goroutine runs before anything is scheduled")
		}
		for range 3 {
			w.After(1000, func() {})
			if !w.Running() {
				t.Error("no goroutine runs for a timer")
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if w.Running() {
				t.Error("the goroutine runs on without a timer")
			}
		}
	})
}

func TestWheel_close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := transport.NewWheel()
		w.After(1000, func() { t.Error("a timer fired after close") })
		w.Close()
		w.After(1, func() { t.Error("a timer was set after close") })
		w.Close()
		time.Sleep(time.Minute)
		synctest.Wait()
	})
}

func TestWheel_manyTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := transport.NewWheel()
		const n = 10_000
		calls := 0
		stops := make([]func() bool, n)
		for i := range n {
			stops[i] = w.After(int64(i*7%60_000+1), func() { calls++ })
		}
		stopped := 0
		for i := 0; i < n; i += 3 {
			if stops[i]() {
				stopped++
			}
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if calls != n-stopped {
			t.Errorf("%d timers fired and %d were stopped, of %d", calls, stopped, n)
		}
	})
}

func TestWheel_now(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := transport.NewWheel()
		for range 3 {
			if got, want := w.Now(), time.Now().UnixMilli(); got != want {
				t.Errorf("now is %d, want %d", got, want)
			}
			time.Sleep(12345 * time.Millisecond)
		}
	})
}
