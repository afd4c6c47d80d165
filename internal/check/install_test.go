package check_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"partline.dev/internal/check"
)

// machine is a computer that has the commands and on which apt-get install
// brings the rest.
type machine struct {
	said strings.Builder
	has  []string
	ran  []string
	node string
	font string
	sudo error
}

func (m *machine) install(root bool) error {
	return (&check.Machine{
		Out:  &m.said,
		Root: root,
		Look: func(c string) bool { return slices.Contains(m.has, c) },
		Run: func(_ context.Context, c ...string) error {
			line := strings.Join(c, " ")
			m.ran = append(m.ran, line)
			if strings.Contains(line, " install ") {
				m.has = append(m.has, "gcc", "node", "npm", "chromium", "fc-list", "/usr/sbin/nginx")
				m.font = "a font"
			}
			return nil
		},
		Ask: func(_ context.Context, c ...string) (string, error) {
			switch c[0] {
			case "fc-list":
				return m.font, nil
			case "node":
				return m.node, nil
			case "sudo":
				return "", m.sudo
			}
			return "", errors.New("no such command")
		},
	}).Install(context.Background())
}

func TestInstall_nothingMissing(t *testing.T) {
	m := &machine{has: []string{"gcc", "curl", "node", "npm", "chromium", "fc-list", "/usr/sbin/nginx"}, node: "v20.1.0\n", font: "a font"}
	if err := m.install(false); err != nil || len(m.ran) > 0 || m.said.Len() > 0 {
		t.Errorf("gave %v, ran %q, said %q", err, m.ran, m.said.String())
	}
}

func TestInstall_asRoot(t *testing.T) {
	m := &machine{has: []string{"gcc", "curl", "node", "npm", "apt-get"}, node: "v20.1.0\n"}
	if err := m.install(true); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"env DEBIAN_FRONTEND=noninteractive apt-get update",
		"env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fontconfig nginx-light fonts-liberation",
	}
	if !slices.Equal(m.ran, want) {
		t.Errorf("ran %q, want %q", m.ran, want)
	}
	if !strings.Contains(m.said.String(), "chromium is missing, for the browser tests") {
		t.Errorf("it did not say what it would install:\n%s", m.said.String())
	}
}

func TestInstall_bySudo(t *testing.T) {
	m := &machine{has: []string{"gcc", "curl", "node", "npm", "fc-list", "apt-get", "sudo"}, node: "v20.1.0\n", font: "a font"}
	if err := m.install(false); err != nil {
		t.Fatal(err)
	}
	if len(m.ran) != 2 || !strings.HasPrefix(m.ran[1], "sudo -n env ") {
		t.Errorf("ran %q", m.ran)
	}
}

func TestInstall_printsTheLineAndStops(t *testing.T) {
	for name, m := range map[string]*machine{
		"no apt":                {has: []string{"gcc", "curl", "node", "npm", "fc-list"}, font: "a font"},
		"no sudo":               {has: []string{"gcc", "curl", "node", "npm", "fc-list", "apt-get"}, font: "a font"},
		"sudo wants a password": {has: []string{"gcc", "curl", "node", "npm", "fc-list", "apt-get", "sudo"}, font: "a font", sudo: errors.New("a password is required")},
	} {
		t.Run(name, func(t *testing.T) {
			err := m.install(false)
			if !errors.Is(err, check.ErrTools) || len(m.ran) > 0 {
				t.Errorf("gave %v and ran %q", err, m.ran)
			}
			if !strings.Contains(m.said.String(), "sudo apt-get install -y --no-install-recommends chromium nginx-light\n") {
				t.Errorf("it does not print the line:\n%s", m.said.String())
			}
		})
	}
}

func TestInstall_oldNode(t *testing.T) {
	m := &machine{has: []string{"gcc", "curl", "node", "npm", "chromium", "fc-list", "/usr/sbin/nginx"}, node: "v18.19.0\n", font: "a font"}
	if err := m.install(true); !errors.Is(err, check.ErrTools) || !strings.Contains(err.Error(), "v18.19.0") {
		t.Errorf("gave %v", err)
	}
}
