package yamlfile

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// longWord is the length, in bytes, from which on a word is nobody's misspelling.
const longWord = 64

// Instead suggests what was meant by word: the nearest of those known, else all of
// them. It begins with a semicolon, to end a sentence; with nothing to suggest, or
// nobody to hear it any more, it is empty.
func (r *Reader) Instead(word string, known []string) string {
	if len(r.mistakes) == maxMistakes {
		return ""
	}
	best, least := "", 3 // more changes than two are another word
	for _, k := range known {
		if len(word) > longWord || len(k) > longWord {
			continue
		}
		if strings.EqualFold(word, k) {
			return fmt.Sprintf("; did you mean %s?", k)
		}
		if n := distance(strings.ToLower(word), strings.ToLower(k)); n < least && n < utf8.RuneCountInString(k) {
			best, least = k, n
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("; did you mean %s?", best)
	case len(known) == 0:
		return ""
	case len(known) == 1:
		return "; there is " + known[0]
	}
	return "; there are " + strings.Join(known[:len(known)-1], ", ") + " and " + known[len(known)-1]
}

// distance is how many letters have to be put in, left out, changed or swapped
// with their neighbour to make b of a.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			change := last[j]
			if s[i] != t[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
