package kit

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kitgo/kit/console"
)

// narrowest is the least width of a column that is cut to fit a terminal.
const narrowest = 8

// table writes rows in columns. The first row is the heading; others may be shorter. On a
// terminal, columns are cut so that lines fit, the widest first.
func (p *program) table(rows [][]string) error {
	for _, line := range columns(rows, console.Width(p.stdio.Out)) {
		if _, err := fmt.Fprintln(p.stdio.Out, line); err != nil {
			return err
		}
	}
	return nil
}

// columns returns the lines of a table that is at most width characters wide; 0 means as
// wide as it needs.
func columns(rows [][]string, width int) []string {
	const gap = "  "
	widths := make([]int, len(rows[0]))
	total := len(gap) * (len(widths) - 1)
	for i := range widths {
		for _, row := range rows {
			if i < len(row) {
				widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
			}
		}
		total += widths[i]
	}
	for ; width > 0 && total > width; total-- {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= narrowest {
			break
		}
		widths[widest]--
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		var line strings.Builder
		for j, cell := range row {
			if n := utf8.RuneCountInString(cell); n > widths[j] {
				cell = string([]rune(cell)[:widths[j]-1]) + "…"
			} else {
				cell += strings.Repeat(" ", widths[j]-n)
			}
			if j > 0 {
				line.WriteString(gap)
			}
			line.WriteString(cell)
		}
		lines[i] = strings.TrimRight(line.String(), " ")
	}
	return lines
}
