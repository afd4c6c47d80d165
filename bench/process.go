package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// The two roles of a child.
const (
	roleServer = "server"
	roleLoad   = "load"
)

// command is a line from this program to a child, which answers with one
// [answer]. What a field means is said at the command.
type command struct {
	Do       string
	Addr     string        `json:",omitempty"`
	Path     string        `json:",omitempty"`
	Count    int64         `json:",omitempty"`
	For      time.Duration `json:",omitempty"`
	Hiccups  []span        `json:",omitempty"`
	Sampling bool          `json:",omitempty"`
}

type answer struct {
	Error     string        `json:",omitempty"`
	Addr      string        `json:",omitempty"`
	Published int64         `json:",omitempty"`
	From, To  int64         `json:",omitempty"` // Unix nanoseconds
	CPU       time.Duration `json:",omitempty"`
	Memory    memory        `json:",omitzero"`
	Latency   latency       `json:",omitzero"`
}

// obey answers the commands that come in on stdin, until it ends.
func obey(do func(command) (answer, error)) error {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var c command
		if err := in.Decode(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := do(c)
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

// child is a process that was started from this binary.
type child struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	to   *json.Encoder
	from *json.Decoder
}

// start starts a child. progress is the file that it shares with its opposite.
func start(role, contender string, progress *os.File) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{name: contender + " " + role, cmd: exec.Command(self, role, contender)}
	c.cmd.Stderr = os.Stderr
	c.cmd.ExtraFiles = []*os.File{progress}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	c.to, c.from = json.NewEncoder(c.in), json.NewDecoder(out)
	return c, c.cmd.Start()
}

// tell gives the child a command and waits for its answer.
func (c *child) tell(cmd command) (answer, error) {
	var a answer
	if err := c.to.Encode(cmd); err != nil {
		return a, fmt.Errorf("%s: %s: %w", c.name, cmd.Do, err)
	}
	if err := c.from.Decode(&a); err != nil {
		return a, fmt.Errorf("%s: %s: no answer: %w", c.name, cmd.Do, err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s: %s", c.name, cmd.Do, a.Error)
	}
	return a, nil
}

// stop lets the child end and waits for it.
func (c *child) stop() error {
	c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return nil
}
