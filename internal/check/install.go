package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A tool is a command that the tests start, and the Debian package that has it.
type tool struct{ command, pkg, why string }

// tools are what the tests need beyond Go, make and git.
var tools = []tool{
	{"gcc", "gcc", "the race detector"},
	{"curl", "curl", "the README's line for programs"},
	{"node", "nodejs", "the unmodified npm client, the Workers and the tests of the browser build"},
	{"npm", "npm", "the npm packages"},
	{"chromium", "chromium", "the browser tests"},
	{"fc-list", "fontconfig", "the browser tests"},
	{nginx, "nginx-light", "the tests behind a proxy"},
}

// nginx is where Debian has it: a folder that is in no ordinary user's PATH.
const nginx = "/usr/sbin/nginx"

// fonts is a package of its own: a Chromium without any font draws empty boxes.
const fonts = "fonts-liberation"

// ErrTools says that something has to be installed by hand.
var ErrTools = errors.New("the tests cannot run before that")

// A Machine is what an installation needs to know of the computer, and may do
// to it.
type Machine struct {
	Out  io.Writer
	Look func(command string) bool                                            // is the command there?
	Run  func(ctx context.Context, command ...string) error                   // shows its output
	Ask  func(ctx context.Context, command ...string) (out string, err error) // keeps it
	Root bool
}

// Install says what is missing and installs it from the Debian packages, as
// root or by sudo without a password. Where it can do neither it prints the
// line that would, and gives [ErrTools].
func (m *Machine) Install(ctx context.Context) error {
	packages := m.missing(ctx)
	if len(packages) > 0 {
		line := append([]string{"apt-get", "install", "-y", "--no-install-recommends"}, packages...)
		if err := m.apt(ctx, line); err != nil {
			return err
		}
		if still := m.missing(ctx); len(still) > 0 {
			return fmt.Errorf("after the installation %s is still missing: %w", strings.Join(still, ", "), ErrTools)
		}
	}
	return m.nodeVersion(ctx)
}

func (m *Machine) missing(ctx context.Context) (packages []string) {
	for _, t := range tools {
		if !m.Look(t.command) {
			fmt.Fprintf(m.Out, "%s is missing, for %s\n", t.command, t.why)
			packages = append(packages, t.pkg)
		}
	}
	list, err := m.Ask(ctx, "fc-list")
	if err != nil || strings.TrimSpace(list) == "" {
		fmt.Fprintln(m.Out, "no font is installed, for the browser tests")
		packages = append(packages, fonts)
	}
	return packages
}

// apt runs the line, after bringing the package lists up to date.
func (m *Machine) apt(ctx context.Context, line []string) error {
	var as []string
	switch {
	case m.Look("apt-get") && m.Root:
	case m.Look("apt-get") && m.Look("sudo") && m.quiet(ctx, "sudo", "-n", "true"):
		as = []string{"sudo", "-n"}
	default:
		fmt.Fprintf(m.Out, "install it with:\n    sudo %s\n", strings.Join(line, " "))
		return ErrTools
	}
	as = append(as, "env", "DEBIAN_FRONTEND=noninteractive")
	for _, command := range [][]string{{"apt-get", "update"}, line} {
		command = append(slices.Clip(as), command...)
		fmt.Fprintf(m.Out, "installing: %s\n", strings.Join(command, " "))
		if err := m.Run(ctx, command...); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
		}
	}
	return nil
}

func (m *Machine) quiet(ctx context.Context, command ...string) bool {
	_, err := m.Ask(ctx, command...)
	return err == nil
}

// oldestNode is the first major version of Node that the tests are run with.
const oldestNode = 20

func (m *Machine) nodeVersion(ctx context.Context) error {
	said, err := m.Ask(ctx, "node", "--version")
	if err != nil {
		return fmt.Errorf("node --version: %w", err)
	}
	var major int
	if _, err := fmt.Sscanf(said, "v%d.", &major); err != nil || major < oldestNode {
		return fmt.Errorf("this is Node %s, and the tests need %d or newer: %w", strings.TrimSpace(said), oldestNode, ErrTools)
	}
	return nil
}
