package tenants

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"partline.dev/server/origin"
	"partline.dev/server/yamlfile"
)

// sites reads a list of sites, which is called name.
func (r *reader) sites(n *yaml.Node, name string) []origin.Origin {
	if len(n.Content) > MaxHosts {
		r.Wrong(n, "these are %d sites; %s has at most %d", len(n.Content), name, MaxHosts)
		return nil
	}
	var list []origin.Origin
	first := map[origin.Origin]int{}
	for _, e := range r.Texts(n, name+" has a list of sites, as [https://intranet.example.com]") {
		o, err := origin.ParseAllowed(e.Name)
		if err != nil {
			r.Wrong(e.Value, "%s is no site: %v", yamlfile.Quoted(e.Name), err)
			continue
		}
		if line, twice := first[o]; twice {
			r.Wrong(e.Value, "%s stands here a second time; the first is in line %d", o, line)
			continue
		}
		first[o] = e.Value.Line
		list = append(list, o)
	}
	return list
}

// written are the sites as a browser writes them.
func written(sites []origin.Origin) []string {
	var list []string
	for _, o := range sites {
		list = append(list, o.String())
	}
	return list
}

// embedKeyText is what an embed key looks like.
var embedKeyText = regexp.MustCompile(`^` + embedPrefix + `[0-9A-Za-z_-]{16,128}$`)

// embedKeys reads the embed keys of a tenant.
func (r *reader) embedKeys(n *yaml.Node, tenant string) []string {
	if len(n.Content) > MaxKeys {
		r.Wrong(n, "these are %d embed keys; a tenant has at most %d", len(n.Content), MaxKeys)
		return nil
	}
	var list []string
	for _, e := range r.Texts(n, "embed-keys has a list of keys, each made by partline embed-key") {
		if !embedKeyText.MatchString(e.Name) {
			r.Wrong(e.Value, "%s is no embed key, which begins with %s and goes on with at least 16 letters, digits, - and _; make one with partline embed-key",
				yamlfile.Quoted(e.Name), embedPrefix)
			continue
		}
		if r.once(e.Value, tenant, "embed key "+e.Name, "this embed key") {
			list = append(list, e.Name)
		}
	}
	return list
}

// sumText is a SHA-256 in hexadecimal digits.
var sumText = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)

const digestsExpected = "api-keys has a list of keys, each as partline api-key prints it: [{name: intranet, sha256: 6b86...}]"

// apiKeys reads the API keys of a tenant. What stands there may be a secret by
// mistake, so no mistake says it.
func (r *reader) apiKeys(n *yaml.Node, tenant string) []APIKey {
	if n.Kind != yaml.SequenceNode {
		r.Wrong(n, "%s", digestsExpected)
		return nil
	}
	if len(n.Content) > MaxKeys {
		r.Wrong(n, "these are %d API keys; a tenant has at most %d", len(n.Content), MaxKeys)
		return nil
	}
	var list []APIKey
	for _, c := range n.Content {
		if c.Kind != yaml.MappingNode {
			r.Wrong(c, "%s", digestsExpected)
			continue
		}
		fields := r.Fields(c, "an API key", "name", "sha256")
		name, sum := fields["name"], fields["sha256"]
		if _, misspelt := fields[yamlfile.Unknown]; !misspelt && (name.Key == nil || sum.Key == nil) {
			r.Wrong(c, "an API key has a name and the sha256 of its secret; partline api-key prints both")
		}
		key := APIKey{Name: r.name(name, "API key", plainName)}
		if key.Name != "" {
			r.once(name.Value, tenant, "API key name "+tenant+"/"+key.Name, "the name "+yamlfile.Quoted(key.Name))
		}
		switch {
		case sum.Key == nil:
		case strings.HasPrefix(sum.Value.Value, secretPrefix):
			r.Wrong(sum.Value, "here is the secret itself: keep it out of files, and make another with partline api-key, which prints the line for this file")
		case sum.Value.Kind != yaml.ScalarNode || !sumText.MatchString(sum.Value.Value):
			r.Wrong(sum.Value, "sha256 has the 64 hexadecimal digits that partline api-key prints")
		default:
			key.SHA256 = strings.ToLower(sum.Value.Value)
			r.once(sum.Value, tenant, "API key "+key.SHA256, "this API key")
		}
		list = append(list, key)
	}
	return list
}

// name reads the name of one that is called what, which check is asked for; empty:
// there is none.
func (r *reader) name(e yamlfile.Entry, what string, check func(name string) error) string {
	if e.Key == nil {
		return ""
	}
	name, ok := r.Text(e.Value, e.Name+" has a text")
	if !ok {
		return ""
	}
	if err := named(what, check)(name); err != nil {
		r.Wrong(e.Value, "%v", err)
		return ""
	}
	return name
}
