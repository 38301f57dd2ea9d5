// Package nearest finds the name that a mistyped one was meant to be.
package nearest

import "strings"

// Name returns the candidate that name was most likely meant to be, or "" if
// none is close: one that begins with name, or the one with the smallest edit
// distance of at most a third of name's length (at least 2).
func Name(name string, candidates []string) string {
	name = strings.ToLower(name)
	best, limit := "", max(2, len(name)/3)+1
	for _, c := range candidates {
		d := distance(name, strings.ToLower(c))
		if len(name) > 1 && strings.HasPrefix(strings.ToLower(c), name) {
			d = min(d, 1)
		}
		if d < limit && d < len(c) {
			best, limit = c, d
		}
	}
	return best
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, row, before
	}
	return rows[1][len(b)]
}
