package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
)

// varFlags are the variables of the Workers, which docs/edge.md lists.
type varFlags struct {
	Origin    string            `help:"The server that has the hubs, as http://localhost:8080; the Workers then lead there. Default: the hubs are in rooms." placeholder:"URL"`
	AllowHost []string          `help:"A site whose pages may show the parts and reach the hubs, as https://host or https://*.host. May be repeated." placeholder:"ORIGIN"`
	Tenants   string            `help:"A file that declares tenants; takes the place of --allow-host. It is read once." placeholder:"FILE"`
	Var       map[string]string `help:"Any other variable, of both Workers, as MAX_CONNECTIONS=100; docs/edge.md lists them. May be repeated." placeholder:"NAME=VALUE" mapsep:"none"`
}

// vars are the variables of the gateway and of the room, in maps of their own. Without
// a file of tenants the sites more may show the parts, too.
func (f *varFlags) vars(more ...string) (gateway, room map[string]string, err error) {
	room = map[string]string{}
	maps.Copy(room, f.Var)
	if f.Tenants != "" {
		if len(f.AllowHost) > 0 {
			return nil, nil, errors.New("--tenants and --allow-host: the file of tenants says which sites may show whose parts; write the sites there, as hosts of a tenant")
		}
		content, err := os.ReadFile(f.Tenants)
		if err != nil {
			return nil, nil, fmt.Errorf("--tenants: %w", err)
		}
		room["TENANTS"] = string(content)
	}
	gateway = maps.Clone(room)
	if f.Origin != "" {
		gateway["ORIGIN"] = f.Origin
	}
	if hosts := append(more, f.AllowHost...); f.Tenants == "" && len(hosts) > 0 {
		gateway["ALLOW_HOSTS"] = strings.Join(hosts, ",")
	}
	return gateway, room, nil
}
