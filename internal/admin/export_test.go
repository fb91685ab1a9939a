package admin

import "strings"

// Arrange arranges letters, of which capitals are the system's.
func Arrange(list, moved string, priority int) string {
	letters := strings.Split(list, "")
	return strings.Join(arrange(letters, func(s string) place { return place{s, s >= "A" && s <= "Z"} }, moved, priority), "")
}
