package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// report prints the medians of all windows, each server's beside the first's.
func report(out io.Writer, p plan, bouts []*bout, began string) error {
	fmt.Fprintf(out, "%s; load average %s before, %s after\n", machine(), began, loadAverage())
	fmt.Fprintf(out, "%d loopback connections to each server, one publisher to all, a name and a text of %d bytes as JSON, in each server's envelope;\n",
		p.connections, len(messageJSON(time.Now().UnixNano())))
	fmt.Fprintf(out, "medians of %d windows of %s, the servers in turn; CPU is the server process's alone\n\n", p.rounds, p.window)

	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	first := bouts[0]
	fmt.Fprintf(t, "\tat saturation\t\t\t\tat %d a second\t\t\t\t\tan idle connection\t\t\t\n", p.rate)
	fmt.Fprintf(t, "server\tdeliveries/s\tof %s\tµs CPU each\tof %[1]s\tµs CPU each\tof %[1]s\tp50 ms\tp99 ms\tless hiccups\theap+stack B\tresident B\tgoroutines\t\n", first.name)
	var hiccups []float64
	for _, b := range bouts {
		rate := func(w window) float64 { return w.rate }
		cpu := func(w window) float64 { return w.serverCPU }
		fmt.Fprintf(t, "%s\t%.0f\t%.2f\t%.2f\t%.2f\t%.1f\t%.2f\t%.1f\t%.1f\t%.1f\t%d\t%d\t%d\t\n", b.name,
			of(b.saturated, rate), ratio(b.saturated, first.saturated, rate),
			of(b.saturated, cpu), ratio(b.saturated, first.saturated, cpu),
			of(b.paced, cpu), ratio(b.paced, first.paced, cpu),
			of(b.paced, func(w window) float64 { return millis(w.latency.P50) }),
			of(b.paced, func(w window) float64 { return millis(w.latency.P99) }),
			of(b.paced, func(w window) float64 { return millis(w.latency.P99Less) }),
			b.idle.HeapStack, b.idle.Resident, b.idle.Goroutines)
		for _, w := range b.paced {
			hiccups = append(hiccups, float64(w.hiccup))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, b := range bouts {
		fmt.Fprintf(out, "%s: %d messages to each client, each arrived once; the clients used %.2f µs CPU a delivery at saturation\n",
			b.name, b.published, of(b.saturated, func(w window) float64 { return w.loadCPU }))
	}
	hiccup := time.Duration(median(hiccups))
	fmt.Fprintf(out, "hiccups while latency was measured: 99th percentile %.1f ms\n", millis(hiccup))
	if hiccup > hiccupLimit {
		fmt.Fprintf(out, "That is more than %s: the machine was not ours, and only counts, bytes and CPU mean something.\n", hiccupLimit)
	}
	return nil
}

// of is the median of one figure of the windows.
func of(windows []window, figure func(window) float64) float64 {
	var all []float64
	for _, w := range windows {
		all = append(all, figure(w))
	}
	return median(all)
}

// ratio is the median of one figure's ratio to that of the first server in the
// same round.
func ratio(windows, first []window, figure func(window) float64) float64 {
	var all []float64
	for i, w := range windows {
		all = append(all, figure(w)/figure(first[i]))
	}
	return median(all)
}

func millis(d time.Duration) float64 { return d.Seconds() * 1000 }

// machine tells what the figures were measured on.
func machine() string {
	cpu := "unknown CPU"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				cpu = strings.TrimSpace(value)
			}
		}
	}
	kernel := "unknown"
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel = strings.TrimSpace(string(b))
	}
	return fmt.Sprintf("machine: %d cores, %s, Linux %s, %s", runtime.NumCPU(), cpu, kernel, runtime.Version())
}

// loadAverage is how many threads wanted to run in the last minute.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(b), " ")
	return one
}
