package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// plan says what is measured.
type plan struct {
	servers     []string
	connections int
	rounds      int
	window      time.Duration
	rate        int
	profiles    string
}

// bout is one server with its clients, and what was measured of them.
type bout struct {
	name         string
	progress     *os.File
	server, load *child
	published    int64 // since the start

	idle      memory // of one connection
	saturated []window
	paced     []window
}

// window is what one window showed.
type window struct {
	rate      float64 // deliveries a second
	serverCPU float64 // microseconds a delivery
	loadCPU   float64
	latency   latency
	hiccup    time.Duration // 99th percentile
}

// run measures and prints what plan says. The error tells of any message that
// did not arrive exactly once.
func run(p plan, out io.Writer) (err error) {
	for _, name := range p.servers {
		if _, err := find(name); err != nil {
			return err
		}
	}
	if p.connections < 1 || p.rounds < 1 || p.rate < 1 || p.window <= 0 {
		return errors.New("connections, rounds, rate and window must be more than 0")
	}
	meter := startHiccupMeter()
	defer meter.close()
	var bouts []*bout
	defer func() {
		for _, b := range bouts {
			err = errors.Join(err, b.close())
		}
	}()
	began := loadAverage()
	for _, name := range p.servers {
		b := &bout{name: name}
		bouts = append(bouts, b)
		fmt.Fprintf(os.Stderr, "%s: connect %d clients\n", name, p.connections)
		if err := b.open(p); err != nil {
			return err
		}
	}
	for round := range p.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, p.rounds)
		for _, b := range bouts {
			if err := b.saturate(p, meter); err != nil {
				return err
			}
		}
		for _, b := range bouts {
			if err := b.pace(p, meter); err != nil {
				return err
			}
		}
	}
	if p.profiles != "" {
		for _, b := range bouts {
			if err := b.profile(p, meter); err != nil {
				return err
			}
		}
	}
	return report(out, p, bouts, began)
}

// open starts the two processes, connects them and weighs a connection.
func (b *bout) open(p plan) (err error) {
	if b.progress, err = newProgressFile(); err != nil {
		return err
	}
	if b.server, err = start(roleServer, b.name, b.progress); err != nil {
		return err
	}
	if b.load, err = start(roleLoad, b.name, b.progress); err != nil {
		return err
	}
	listening, err := b.server.tell(command{Do: "listen"})
	if err != nil {
		return err
	}
	before, err := b.server.tell(command{Do: "memory"})
	if err != nil {
		return err
	}
	n := int64(p.connections)
	if _, err := b.load.tell(command{Do: "connect", Addr: listening.Addr, Count: n}); err != nil {
		return err
	}
	if _, err := b.server.tell(command{Do: "members", Count: n}); err != nil {
		return err
	}
	after, err := b.server.tell(command{Do: "memory"})
	b.idle = memory{
		Resident:   (after.Memory.Resident - before.Memory.Resident) / n,
		HeapStack:  (after.Memory.HeapStack - before.Memory.HeapStack) / n,
		Goroutines: (after.Memory.Goroutines - before.Memory.Goroutines + n/2) / n,
	}
	return err
}

// saturate measures one window in which the server does all it can.
func (b *bout) saturate(p plan, meter *hiccupMeter) error {
	w, err := b.window(p, command{Do: "saturate", For: p.window, Count: int64(p.connections)}, false, meter)
	b.saturated = append(b.saturated, w)
	return err
}

// pace measures one window of few messages.
func (b *bout) pace(p plan, meter *hiccupMeter) error {
	w, err := b.window(p, command{Do: "pace", For: p.window, Count: int64(p.rate)}, true, meter)
	b.paced = append(b.paced, w)
	return err
}

// profile writes a CPU profile of one more window of each kind, which do not
// count.
func (b *bout) profile(p plan, meter *hiccupMeter) error {
	kinds := map[string]command{
		"saturated": {Do: "saturate", For: p.window, Count: int64(p.connections)},
		"paced":     {Do: "pace", For: p.window, Count: int64(p.rate)},
	}
	for kind, publish := range kinds {
		path := filepath.Join(p.profiles, b.name+"-"+kind+".pprof")
		if _, err := b.server.tell(command{Do: "profile", Path: path}); err != nil {
			return err
		}
		if _, err := b.window(p, publish, false, meter); err != nil {
			return err
		}
	}
	_, err := b.server.tell(command{Do: "profile"})
	return err
}

// window has the server publish, waits until all has arrived, and reckons.
func (b *bout) window(p plan, publish command, sampling bool, meter *hiccupMeter) (w window, err error) {
	meter.take()
	if _, err := b.load.tell(command{Do: "begin", Sampling: sampling}); err != nil {
		return w, err
	}
	serverBefore, loadBefore, err := b.cpu()
	if err != nil {
		return w, err
	}
	published, err := b.server.tell(publish)
	if err != nil {
		return w, err
	}
	b.published += published.Published
	arrived, err := b.load.tell(command{Do: "await", Count: b.published})
	if err != nil {
		return w, err
	}
	serverAfter, loadAfter, err := b.cpu()
	if err != nil {
		return w, err
	}
	hiccups := meter.take()
	w.hiccup = hiccupP99(hiccups)
	if sampling {
		l, err := b.load.tell(command{Do: "latency", Hiccups: longHiccups(hiccups)})
		if err != nil {
			return w, err
		}
		w.latency = l.Latency
	}
	deliveries := float64(published.Published) * float64(p.connections)
	w.rate = deliveries / time.Duration(arrived.To-published.From).Seconds()
	w.serverCPU = (serverAfter - serverBefore).Seconds() * 1e6 / deliveries
	w.loadCPU = (loadAfter - loadBefore).Seconds() * 1e6 / deliveries
	return w, nil
}

func (b *bout) cpu() (server, load time.Duration, err error) {
	s, err := b.server.tell(command{Do: "cpu"})
	if err != nil {
		return 0, 0, err
	}
	l, err := b.load.tell(command{Do: "cpu"})
	return s.CPU, l.CPU, err
}

// close ends the processes, the clients first.
func (b *bout) close() error {
	var err error
	for _, c := range []*child{b.load, b.server} {
		if c != nil {
			err = errors.Join(err, c.stop())
		}
	}
	if b.progress != nil {
		err = errors.Join(err, b.progress.Close())
	}
	return err
}
