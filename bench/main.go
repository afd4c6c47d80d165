// Command bench measures what a broadcast costs: Partline, over each transport
// and in each codec, beside a bare Go write loop (the ceiling) and its peers:
// NATS over WebSocket, centrifuge, and the SignalR server of philippseith. All
// in one run on one machine.
//
//	cd bench && GOWORK=off go run .
//
// In the names of the servers ws is WebSockets, sse server-sent events, lp long
// polling, and msgpack MessagePack.
//
// It prints deliveries per second at saturation, the CPU of the server process
// per delivery, latency at a fixed rate, and what an idle connection holds.
// Every client must have received everything that was published: one delivery
// missing or doubled and the exit code is 1.
//
// Each server and each server's clients are processes of their own, which this
// program starts from its own binary; they end with it. The servers take turns
// in short windows, so that what else the machine does meets them all alike.
// The figures are of that machine and that minute: compare the columns of one
// run, never two runs.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

func main() {
	if len(os.Args) == 3 {
		if role := roles[os.Args[1]]; role != nil {
			exit(role(os.Args[2]))
		}
	}
	plan := plan{}
	names := flag.String("servers", strings.Join(contenderNames(), ","), "which servers to measure, separated by commas")
	flag.IntVar(&plan.connections, "connections", 1000, "connections to each server")
	flag.IntVar(&plan.rounds, "rounds", 5, "windows of each kind for each server")
	flag.DurationVar(&plan.window, "window", 2*time.Second, "length of a window")
	flag.IntVar(&plan.rate, "rate", 20, "messages a second when latency is measured")
	flag.StringVar(&plan.profiles, "profiles", "", "folder for two CPU profiles of each server, at saturation and at the rate")
	flag.Parse()
	plan.servers = strings.Split(*names, ",")
	if runtime.GOOS != "linux" {
		exit(fmt.Errorf("bench reads /proc and uses epoll: it runs on Linux only"))
	}
	exit(run(plan, os.Stdout))
}

// roles are what a process started by this program can be.
var roles = map[string]func(contender string) error{
	roleServer: serve,
	roleLoad:   load,
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
