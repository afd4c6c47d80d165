package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"time"
)

// ahead is how many messages are on their way to the mean client while a server
// is saturated: enough that each write can carry 32 and more wait behind them,
// and a small part of what every contender lets a client fall behind.
const ahead = 96

// server is the process around a contender.
type server struct {
	contender
	progress progress
	profile  *os.File // nil: none is written
}

// serve is the whole life of a server process.
func serve(name string) error {
	e, err := find(name)
	if err != nil {
		return err
	}
	p, err := openProgress()
	if err != nil {
		return err
	}
	s := &server{contender: e.make(), progress: p}
	if err := obey(s.do); err != nil {
		return err
	}
	return s.Close()
}

func (s *server) do(c command) (a answer, err error) {
	switch c.Do {
	case "listen":
		a.Addr, err = s.Listen()
	case "members": // wait until there are Count
		err = s.awaitMembers(int(c.Count))
	case "cpu":
		a.CPU, err = cpuTime()
	case "memory":
		a.Memory, err = memoryInUse()
	case "profile": // write the CPU profile to Path from here on, until the next
		err = s.profileTo(c.Path)
	case "saturate": // publish For so long to Count clients as fast as they take it
		return s.saturate(c.For, c.Count)
	case "pace": // publish Count messages a second, For so long
		return s.pace(c.For, c.Count)
	default:
		err = fmt.Errorf("no such command")
	}
	return a, err
}

func (s *server) awaitMembers(n int) error {
	for range 1000 {
		if s.Members() == n {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("it has %d members and should have %d", s.Members(), n)
}

// saturate keeps the clients that many messages ahead.
func (s *server) saturate(d time.Duration, clients int64) (a answer, err error) {
	begin := s.progress.delivered.Load()
	start := time.Now()
	for time.Since(start) < d {
		if a.Published-(s.progress.delivered.Load()-begin)/clients >= ahead {
			time.Sleep(100 * time.Microsecond)
			continue
		}
		if err := s.Publish(time.Now().UnixNano()); err != nil {
			return a, err
		}
		a.Published++
	}
	a.From = start.UnixNano()
	return a, nil
}

// profileTo ends the CPU profile, and begins another if there is a path.
func (s *server) profileTo(path string) error {
	pprof.StopCPUProfile()
	if s.profile != nil {
		if err := s.profile.Close(); err != nil {
			return err
		}
		s.profile = nil
	}
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	s.profile = f
	return pprof.StartCPUProfile(f)
}

// pace publishes at even intervals.
func (s *server) pace(d time.Duration, rate int64) (a answer, err error) {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for range int64(d.Seconds() * float64(rate)) {
		<-tick.C
		if err := s.Publish(time.Now().UnixNano()); err != nil {
			return a, err
		}
		a.Published++
	}
	return a, nil
}
