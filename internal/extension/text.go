package extension

import (
	"mime"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// shown cleans a text of a service for people: no control characters, and none
// that turn the direction of the text around it.
func shown(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s))
}

// clip cuts a text at a number of characters.
func clip(s string, n int) string {
	count := 0
	for i := range s {
		if count == n {
			return s[:i]
		}
		count++
	}
	return s
}

// plain is a name of an answer as logs and terminals show it: short, printable.
func plain(s string, n int) string {
	short := clip(s, n)
	cleaned := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '·'
		}
		return r
	}, short)
	if len(short) < len(s) {
		return cleaned + "…"
	}
	return cleaned
}

// seconds writes a time as in "3 seconds", "1.5 seconds".
func seconds(d time.Duration) string {
	if d == time.Second {
		return "1 second"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " seconds"
}

// list writes names as in "a, b".
func list(names []string) string { return strings.Join(names, ", ") }

// alphanumeric is about ASCII alone.
func alphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && t == "application/json"
}

// closest finds the name that was probably meant: the nearest one, if no more
// than a third of it differs.
func closest(name string, names []string) string {
	best, bestDistance := "", 1<<30
	for _, candidate := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	if name == "" || bestDistance*3 > max(len(best), 3) {
		return ""
	}
	return best
}

// closestCommand is closest for the types of commands, of which the last two
// elements may count alone, as in com.action.update.
func closestCommand(kind string, legal []string) string {
	for _, candidate := range legal {
		if suffixElements(kind, candidate) >= 2 {
			return candidate
		}
	}
	return closest(kind, legal)
}

// suffixElements counts the dotted elements that two names end with alike.
func suffixElements(a, b string) int {
	as, bs := strings.Split(strings.ToLower(a), "."), strings.Split(strings.ToLower(b), ".")
	n := 0
	for n < len(as) && n < len(bs) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n
}

// distance is how many bytes must be put in, left out, changed or swapped with
// their neighbour to make b of a (optimal string alignment). Long names are cut:
// nobody mistypes a hundred characters.
func distance(a, b string) int {
	a, b = a[:min(len(a), 100)], b[:min(len(b), 100)]
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
