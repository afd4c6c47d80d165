package declared_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"partline.dev/server/declared"
	"partline.dev/server/yamlfile"
	"partline.dev/server/yamlfile/yamlfiletest"
	"partline.dev/shared/contract"
)

// beside is a server with a hub of its own, and rules of its own.
var beside = declared.Options{
	Shared: "/signalr",
	Existing: []declared.Existing{
		{Name: "connected", Addresses: []string{"/hubs/connected"}},
		{Name: "echo", Addresses: []string{"/Echo"}},
	},
	Reserved: func(h *contract.Hub) bool { return h.ClassicName() == "version" },
	CheckAddress: func(p string) error {
		if !strings.HasPrefix(p, "/") || p != path.Clean(p) {
			return errors.New("it is no path")
		}
		return nil
	},
	CheckPair: func(p, other string) error {
		if p == other+"/send" {
			return fmt.Errorf("clients of %s ask there", other)
		}
		return nil
	},
}

// Each file has its mistakes after #!, in the line that they name, and no others.
// Several of one line are divided by |.
var mistaken = map[string]string{
	"hubs": `
hubs:
  a b: #! no hub can be called that: invalid name: "a b" has ' ', which cannot stand in an address as it is
    at: /a
    methods: {M: {result: 1}}
  ? [list] #! here is a list: what stands before the colon is a name
  : at: /b
  ~: 1 #! there is nothing here: what stands before the colon is a name
  good:
    at: /good
    methods: {M: {result: 1}}
  good: {} #! "good" stands here a second time; the first is in line 9
  GOOD: #! the hub good of line 9 has that name, in which case means nothing; give this one another, and classic: GOOD if pages know it so
    at: /good2
    methods: {M: {result: 1}}
  Connected: #! the built-in hub connected has that name, in which case means nothing; give this one another, and classic: Connected if pages know it so
    at: /c
    methods: {M: {result: 1}}
  text: here #! here is the text "here": in the hub text stand names, each with a colon and what belongs to it
  nothing: #! there is nothing here: in the hub nothing stand names, each with a colon and what belongs to it
  noMethods: #! the hub noMethods has no methods
    at: /d
  noneThere:
    at: /d2
    methods: {} #! there are no methods here; a hub has at least one
  typing:
    at: /e
    metods: {} #! the hub typing has no "metods"; did you mean methods?
  roles:
    at: /f
    allow: #! there is nothing here: allow has a role, or a list of roles of which a user needs one
    methods: {M: {result: 1}}
  listed:
    at: /g
    allow: [{a: b}, []] #! here is a name with a colon: allow has a role | here is a list: allow has a role
    methods: [M] #! here is a list: in methods stand names, each with a colon and what belongs to it
`,
	"addresses": `
hubs:
  one:
    at: [/one, /ONE, /hubs/one, one, /a/../b] #! "/ONE" stands here twice | /hubs/one is where the hub is anyway; leave it out | no hub can be at "one": it is no path | no hub can be at "/a/../b": it is no path
    methods: {M: {result: 1}}
  two:
    classic: ONE
    at: /one #! at /one pages know the hub one of line 3 as ONE already; give this hub another address by at:, or another name there by classic:
    methods: {M: {result: 1}}
  three:
    at: #! there is nothing here: at has a path, as /chat, or a list of paths
    methods: {M: {result: 1}}
  four:
    at: [/hubs/one, /echo, /one/send, /hubs/Connected] #! /hubs/one is the address of the hub one of line 3 | /echo is the address of the built-in hub echo | no hub can be at "/one/send": clients of /one ask there | /hubs/Connected is the address of the built-in hub connected
    methods: {M: {result: 1}}
  five:
    at: [] #! the list is empty: at has a path, as /chat, or a list of paths
    methods: {M: {result: 1}}
  chatHub:
    methods: {M: {result: 1}}
  six:
    classic: chathub
    at: /signalr #! at /signalr pages know the hub chatHub of line 19 as chathub already; give this hub an address of its own by at:, or another name there by classic:
    methods: {M: {result: 1}}
  seven:
    classic: a b #! no hub can be called that: invalid name: "a b" has ' '
    at: /seven
    methods: {M: {result: 1}}
  below:
    at: [/below/send, /below] #! no hub can be at "/below" while one is at /below/send: clients of /below ask there
    methods: {M: {result: 1}}
  version: #! to jQuery pages version is something of the client's own; give this hub another name there by classic:
    at: /eight
    methods: {M: {result: 1}}
  nine:
    classic: version #! to jQuery pages version is something of the client's own; give this hub another name there by classic:
    at: /nine
    methods: {M: {result: 1}}
  ten:
    classic: [a] #! here is a list: classic has the name by which jQuery pages know the hub
    at: /ten
    methods: {M: {result: 1}}
  twelve:
    at: {a: b} #! here is a name with a colon: at has a path, as /chat, or a list of paths
    methods: {M: {result: 1}}
  eleven:
    at: [/1, /2, /3, /4, /5, /6, /7, /8, /9, /10, /11, /12, /13, /14, /15, /16, /17] #! these are 17 addresses; a hub has at most 16
    methods: {M: {result: 1}}
`,
	"methods": `
hubs:
  a:
    methods:
      "": {result: 1} #! no method can be called that: invalid name: it is empty
      "a\tb": {result: 1} #! no method can be called that: invalid name: it has the control character U+0009
      Send: #! the method Send does nothing; give it publish, join, leave, do or result
      Sent: {} #! the method Sent does nothing; give it publish, join, leave, do or result
      Empty: [] #! here is a list: the method Empty says what it does
      Text: all #! here is the text "all": in the method Text stand names
      Typing2: {pubish: said, to: al, with: [$x]} #! the method Typing2 has no "pubish"; did you mean publish? | an event cannot go to "al"; did you mean all? | the method has no argument for "$x"
      Typing: {pubish: said, too: all} #! the method Typing has no "pubish"; did you mean publish? | the method Typing has no "too"; did you mean to?
      Far: {everything: all} #! the method Far has no "everything"; there are arguments, allow, scopes, do, result, publish, to, with, join and leave
      Publish: {publish: said, Publish: said, to: all} #! the method Publish has no "Publish"; did you mean publish?
      SEND: {result: 1} #! SEND and Send in line 7 are one method, as case means nothing; those that differ in their arguments are a list under one name
      ſend: {result: 1} #! ſend and Send in line 7 are one method
      Twice: {result: 1}
      Twice: {result: 2} #! "Twice" stands here a second time; the first is in line 17
      Add:
        - arguments: [a, b?]
          result: 1
        - arguments: [a, b, c?] #! this Add and that in line 20 can both take 2 arguments; they must differ in how many they take
          result: 1
        - arguments: [x, y, z, w]
          result: 1
        - result: 1
        - result: 1 #! this Add and that in line 26 can both take no arguments
        - text #! here is the text "text": in the method Add stand names | this Add and that in line 26 can both take no arguments | this Add and that in line 27 can both take no arguments
      Allowed:
        allow: {role: a} #! here is a name with a colon: allow has a role
        result: 1
      $enter: {result: 1} #! no method can be called that: names that begin with $ are of the methods that every hub has
      Scoped: {scopes: [place, room], result: 1} #! "room" is no scope: those are page, session, user, place, tenant and world
      Scoped2: {scopes: {place: a}, result: 1} #! here is a name with a colon: scopes has a scope
      Scoped3: {publish: said, to: scop} #! an event cannot go to "scop"; did you mean scope?
`,
	"arguments": `
hubs:
  a:
    methods:
      A: {arguments: name, result: 1} #! here is the text "name": arguments are a list of names, as [name, message], each with its kind if it is no text, as [name, amount: number]
      B: {arguments: [name, Name], result: 1} #! two arguments are called "Name", which is the same in any case
      C: {arguments: [a b, 1st, _x, $x, "", x-y], result: 1} #! "a b" cannot be the name of an argument | "1st" cannot be the name of an argument | "_x" cannot be | "$x" cannot be | "" cannot be | "x-y" cannot be the name of an argument, which has letters, digits and underscores and begins with a letter
      D: {arguments: [a: string, b: [text], c: ], result: 1} #! "string" is no kind of argument; there are text, number, integer, boolean and any | here is a list: the kind of an argument is one of text, number, integer, boolean, any | there is nothing here: the kind of an argument is
      E: {arguments: [a: bolean, b: Text], result: 1} #! "bolean" is no kind of argument; did you mean boolean? | "Text" is no kind of argument; did you mean text?
      E2: {arguments: [room: txt, b b, name], publish: said, to: {group: $room}, with: [$room, $name]} #! "txt" is no kind of argument; did you mean text? | "b b" cannot be the name
      E3: {arguments: [a, 2], publish: said, to: all} #! "2" cannot be the name of an argument
      F: {arguments: [a?, b], result: 1} #! b comes after a, which may be left out; so it must be one that may too: b?
      G: {arguments: [[a], {a: text, b: text}, ~], result: 1} #! here is a list: arguments are a list of names | each argument is an entry of the list: [name, amount: number] | there is nothing here: arguments are a list of names
      H: {arguments: {a: text}, result: 1} #! here is a name with a colon: arguments are a list of names
      I: {arguments: , result: 1} #! there is nothing here: arguments are a list of names
      J: {arguments: [a1,a2,a3,a4,a5,a6,a7,a8,b1,b2,b3,b4,b5,b6,b7,b8,c1,c2,c3,c4,c5,c6,c7,c8,d1,d2,d3,d4,d5,d6,d7,d8,e1,e2,e3,e4,e5,e6,e7,e8,f1,f2,f3,f4,f5,f6,f7,f8,g1,g2,g3,g4,g5,g6,g7,g8,h1,h2,h3,h4,h5,h6,h7,h8,i1], result: 1} #! these are 65 arguments; a method has at most 64
`,
	"actions": `
hubs:
  a:
    methods:
      A: {publish: said} #! publish to whom? Add to: all, others or caller, or to: {group: $room}
      B: {publish: said, to: everyone} #! an event cannot go to "everyone"; there are all, others, caller, scope, othersInScope, group, othersInGroup and user
      C: {publish: said, to: other} #! an event cannot go to "other"; did you mean others?
      D: {publish: said, to: group} #! which group? Write to: {group: $name}, or with a name that is always the same
      E: {publish: said, to: {groop: x}} #! to has no "groop"; did you mean group?
      F: {publish: said, to: {group: x, user: y}} #! an event goes to one target at a time; list two under do:
      G: {publish: said, to: {}} #! there is nothing here: to has all, others, caller, scope or othersInScope, or a group or user, as {group: $room}
      H: {publish: said, to: [all]} #! here is a list: to has all, others, caller, scope or othersInScope
      I: {publish: said, to: } #! there is nothing here: to has all, others, caller, scope or othersInScope
      J: {publish: , to: all} #! there is nothing here: publish has the name of an event
      K: {publish: [said], to: all} #! here is a list: publish has the name of an event
      L: {publish: "", to: all} #! no event can be called that: invalid name: it is empty
      M: {publish: said, to: all, join: room} #! publish and join in one: list them under do:, in the order in which they are done, each after a dash
      N: {to: all, join: room} #! to belongs to publish, which is not here
      O: {with: [1], result: 1} #! with belongs to publish, which is not here
      P: {join: [room]} #! here is a list: a value is an argument, as $name, or a text, a number, true, false or null
      Q: {join: } #! there is nothing here: a value is an argument
      R: {join: 5} #! "5" is no text, as the name of a group is; put it in quotes
      S: {join: "" } #! no group can be called that: invalid name: it is empty
      T: {arguments: [n: number], leave: $n} #! $n is of kind number and cannot be the name of a group, which is a text
      U: {arguments: [a: any], publish: other, to: {user: $a}, with: []} #! $a is of kind any and cannot be the name of a user, which is a text
      V: {join: room, do: [leave: room]} #! the method V has do and an action beside it; put all of them under do:
      W: {do: {join: room}} #! here is a name with a colon: do has a list of actions, each after a dash
      X:
        do:
          - {} #! this action does nothing; give it publish, join or leave
          - join #! here is the text "join": in an action stand names
          - joyn: room #! an action has no "joyn"; did you mean join?
          - arguments: [a] #! an action has no "arguments"; there are publish, to, with, join and leave
          - to: all #! to belongs to publish, which is not here
      Y: {do: []} #! the method Y does nothing; give it publish, join, leave, do or result
`,
	"events": `
hubs:
  a:
    methods:
      A: {arguments: [name], publish: said, to: all}
      B: {arguments: [name, message], publish: said, to: all} #! said has 2 arguments here and 1 argument in line 5; an event always has the same: choose them by with, or publish another event
      C: {publish: said, to: all} #! said has no arguments here and 1 argument in line 5
      D2: {arguments: [name], publish: ſaid, to: all} #! line 5 publishes said
      D: {arguments: [name], publish: Said, to: all} #! line 5 publishes said: to a page it is the same in any case, so write it in one
  b:
    methods:
      A: {publish: said, to: all}
`,
	"values": `
hubs:
  a:
    methods:
      A: {arguments: [name], publish: a, to: all, with: [$nam]} #! the method has no argument for "$nam"; did you mean $name? (a text that begins with $ is written with $$)
      B: {arguments: [name], publish: b, to: all, with: [$user.nam]} #! the method has no argument for "$user.nam"; did you mean $user.name?
      C: {publish: c, to: all, with: [$x]} #! the method has no argument for "$x"; there are $connection.id, $user.id and $user.name
      D: {publish: d, to: all, with: $x} #! here is the text "$x": with has a list of values, as [$name, $message]
      E: {publish: e, to: all, with: [[1], {a: 1}, ]} #! here is a list: a value is | here is a name with a colon: a value is
      F: {result: 99999999999999999999} #! "99999999999999999999" has more digits than a whole number may have; put it in quotes if it is a text
      F2: {result: 9223372036854775808} #! "9223372036854775808" has more digits than
      G: {result: .inf} #! ".inf" is no number that can travel; put it in quotes if it is a text
      H: {arguments: [a], result: $A} #! the method has no argument for "$A"; did you mean $a?
      I: {result: [1]} #! here is a list: a value is an argument
`,
	"yaml": `
hubs:
  a:
    methods:
      A: &anchor {result: 1} #! "&anchor" is an anchor, which has no use here; put it in quotes if it is a text
      B: *anchor #! "*anchor" is an alias; write out here what it stands for, or put it in quotes if it is a text
      C: {result: !!str 5} #! "!!str" is a tag, which has no use here
      D: {result: !mine 5} #! "!mine" is a tag, which has no use here
      <<: *anchor #! "*anchor" is an alias
      D2: {publish: a, to: *anchor} #! "*anchor" is an alias
      E: {do: [*anchor]} #! "*anchor" is an alias
`,
	"a text":       `hubs #! here is the text "hubs": in the file stand names`,
	"a list":       "[hubs] #! here is a list: in the file stand names",
	"no hubs":      "{} #! the file has no hubs; it begins with: hubs:",
	"no hub":       "hubs: {} #! there are no hubs here; a file has at least one",
	"hub":          "hub: {} #! the file has no \"hub\"; did you mean hubs?",
	"empty hubs":   "hubs: #! there is nothing here: in hubs stand names",
	"two of it":    "hubs: {a: {methods: {M: {result: 1}}}}\n--- #! a second document begins here; all hubs of a file stand under one: hubs:\nx: {}",
	"a tab":        "hubs:\n\ta: 1 #! the line is indented with a tab; YAML takes spaces",
	"two colons":   "hubs:\n  a: b: c #! this is not YAML: mapping values are not allowed in this context",
	"an unknown":   "hubs: *a #! this is not YAML: unknown anchor 'a' referenced",
	"less indent":  "hubs:\n    a: 1\n  b: 2 #! this is not YAML: did not find expected key",
	"an open text": "hubs:\n  a: \"b #! this is not YAML: found unexpected end of stream\n\n\n",
	"an at":        "hubs:\n  @a: 1 #! this is not YAML: found character that cannot start any token",
	"not UTF-8":    "hubs:\n  a: \"\xff\" #! a byte here is not UTF-8; save the file as UTF-8",
	"controls":     "hubs:\n  a: \x00 #! here is the character U+0000, which cannot be seen; take it out\n  b: \u2028 #! here is the character U+2028\n  c: \x1b #! here is the character U+001B",
}

func TestParse_mistakesByLine(t *testing.T) {
	for name, text := range mistaken {
		t.Run(name, func(t *testing.T) {
			hubs, err := declared.Parse([]byte(text), &beside)
			if hubs != nil {
				t.Errorf("it is taken all the same: %v", hubs)
			}
			yamlfiletest.Mistakes(t, text, err)
		})
	}
}

// Where a comment in the line would be a part of the mistake.
func TestParse_mistakesWithoutAComment(t *testing.T) {
	for _, c := range []struct {
		text string
		line int
		says string
	}{
		{"", 1, "the file is empty; it begins with: hubs:"},
		{"\n\n# hubs:\n", 1, "the file is empty; it begins with: hubs:"},
		{"---\n", 1, "the file is empty; it begins with: hubs:"},
		{"hubs:\n  a: [\n", 2, "this is not YAML: did not find expected node content"},
		{"hubs:\n  a: {}\n  b\n  c: 1\n", 3, "this is not YAML: could not find expected ':'"},
		{"hubs:\n  a: 1\r  b: 2\n", 2, "here is the character U+000D, which cannot be seen; take it out"},
		{"hubs: {" + strings.Repeat("a", 300) + ": 1}", 1, "this name has 300 bytes; a name has at most 255"},
		{"hubs: {a: {at: /" + strings.Repeat("a", 300) + ", methods: {M: {result: 1}}}}", 1, "this address has 301 bytes; one has at most 255"},
		{"#" + strings.Repeat("a", yamlfile.MaxFile), 1, "the file is longer than 1 MiB"},
		{"hubs: {a: {methods: {M: {do: [" + strings.Repeat("join: a,", 65) + "]}}}}", 1, "these are 65 actions; a method has at most 64"},
		{"hubs: {a: {methods: {M: {publish: e, to: all, with: [" + strings.Repeat("1,", 65) + "]}}}}", 1, "these are 65 values; an event has at most 64"},
		{"hubs: {a: {methods: {M: [" + strings.Repeat("{result: 1},", 1001) + "]}}}", 1, "these are 1001 methods; a hub has at most 1000"},
		{"hubs: {a: {methods: {" + numbered("m%d: {result: 1},", 1001) + "}}}", 1, "these are 1001 methods; a hub has at most 1000"},
		{"hubs: {" + numbered("h%d: {methods: {M: {result: 1}}},", 101) + "}", 1, "these are 101 hubs; a file has at most 100"},
	} {
		_, err := declared.Parse([]byte(c.text), nil)
		wrong := yamlfile.Mistakes(nil)
		if !errors.As(err, &wrong) || len(wrong) != 1 || wrong[0].Line != c.line || !strings.HasPrefix(wrong[0].Text, c.says) {
			t.Errorf("%.60q: %v, want line %d: %s", c.text, err, c.line, c.says)
		}
	}
}

// numbered is the format with each number up to n.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// A file cannot make the program that reads it say much more than it holds.
func TestParse_aThousandMistakes(t *testing.T) {
	_, err := declared.Parse([]byte("hubs: {"+numbered("h %d: {}\n,", 99)+"z: {"+numbered("\nx%d: 1,", 5000)+"}}"), nil)
	wrong := yamlfile.Mistakes(nil)
	if !errors.As(err, &wrong) || len(wrong) != 1000 {
		t.Errorf("%d mistakes", len(wrong))
	}
}

func TestRead_namesTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chat.yaml")
	if _, err := declared.Read(file, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
	if err := os.WriteFile(file, []byte("hubs:\n  a:\n    method:\n  b: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := declared.Read(file, nil)
	want := file + ":3: the hub a has no \"method\"; did you mean methods?\n" + file + ":4: the hub b has no methods"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if err := os.WriteFile(file, []byte(chat), 0o600); err != nil {
		t.Fatal(err)
	}
	if hubs, err := declared.Read(file, nil); err != nil || len(hubs) != 1 {
		t.Errorf("%v, %v", hubs, err)
	}
}
