package extension

import (
	"mime"
	"strings"
	"unicode"
)

// shown cleans a text of a service for the person: no control characters, and
// none that turn the direction of the text around it.
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
	cleaned := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '·'
		}
		return r
	}, s)
	if c := clip(cleaned, n); c != cleaned {
		return c + "…"
	}
	return cleaned
}

// list writes names as in "a, b".
func list(names []string) string { return strings.Join(names, ", ") }

func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && t == "application/json"
}

// closest finds the name that was probably meant: the nearest one, if less than
// a third of it differs. Of dotted names the last elements may count alone, as
// in com.action.update.
func closest(name string, names []string, dotted bool) string {
	best, bestDistance := "", 1<<30
	for _, candidate := range names {
		d := distance(strings.ToLower(name), strings.ToLower(candidate))
		if dotted && suffixElements(name, candidate) >= 2 {
			d = min(d, 1)
		}
		if d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	if name == "" || bestDistance*3 > max(len(best), 3) {
		return ""
	}
	return best
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

// distance is how many bytes must be put in, left out or changed to make b of a
// (Levenshtein). Long names are cut: nobody mistypes a hundred characters.
func distance(a, b string) int {
	a, b = a[:min(len(a), 100)], b[:min(len(b), 100)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := previous
			if a[i] != b[j] {
				change++
			}
			previous = row[j+1]
			row[j+1] = min(change, row[j]+1, previous+1)
		}
	}
	return row[len(b)]
}
