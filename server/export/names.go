package export

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// hubName is the hub's name as one word: peer-chat is PeerChat.
func hubName(h *contract.Hub) string {
	var word strings.Builder
	for part := range strings.FieldsFuncSeq(h.Name(), func(r rune) bool { return strings.ContainsRune("-_.", r) }) {
		word.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	name := word.String()
	if name == "" || isDigit(name[0]) {
		return "Hub" + name
	}
	return name
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// names are what the structs and enums of a document are called in it.
type names map[reflect.Type]string

// newNames gives each type the name that it has in Go. Where two have one name,
// or one has a name that is taken, they have their packages' names before theirs.
func newNames(types []reflect.Type, taken []string) names {
	used := map[string]int{}
	for _, name := range taken {
		used[name]++
	}
	for _, t := range types {
		used[plainName(t)]++
	}
	made, given := names{}, slices.Clone(taken)
	for _, t := range types {
		name := plainName(t)
		if used[name] > 1 {
			name = title(packageName(t)) + name
		}
		unique := name
		for n := 2; slices.Contains(given, unique); n++ {
			unique = name + strconv.Itoa(n)
		}
		given = append(given, unique)
		made[t] = unique
	}
	return made
}

var (
	packagePath = regexp.MustCompile(`[\w.\-/~]+\.`)
	notInWord   = regexp.MustCompile(`[^A-Za-z0-9_]+`)
)

// plainName is the type's name in Go, as far as it is letters of ASCII. Of a
// generic type's arguments it has the names too: Page[x.Item] is PageItem.
func plainName(t reflect.Type) string {
	word := notInWord.ReplaceAllString(packagePath.ReplaceAllString(t.Name(), ""), "")
	if word == "" || isDigit(word[0]) {
		return "Type" + word
	}
	return word
}

func packageName(t reflect.Type) string {
	path := t.PkgPath()
	return notInWord.ReplaceAllString(path[strings.LastIndexByte(path, '/')+1:], "")
}

func title(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// labels are the arguments' names as JSON writes names, each once.
func labels(arguments []contract.Argument) []string {
	var made []string
	for _, a := range arguments {
		name := wire.JSONName(a.Name)
		unique := name
		for n := 2; slices.Contains(made, unique); n++ {
			unique = name + strconv.Itoa(n)
		}
		made = append(made, unique)
	}
	return made
}

// quoted is s as a string of JSON, which is one of JavaScript too.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a string, to memory
	return strings.TrimSuffix(b.String(), "\n")
}
