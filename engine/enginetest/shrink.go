package enginetest

import (
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// mostRuns bounds how often shrink asks whether a plan still differs.
const mostRuns = 400

// shrink makes a plan smaller as long as it differs. It works on the plan's text: it takes parts of that away and keeps what still is a plan.
func shrink(n plan.Node, all []table, differs func(plan.Node) bool) plan.Node {
	scans := make(map[string]plan.Node, len(all))
	for _, t := range all {
		scans[t.name] = plan.NewScan(placeholder{name: t.name, rows: t.node.Schema()})
	}
	text, runs := plan.Print(n), 0
	for smaller := true; smaller && runs < mostRuns; {
		smaller = false
		for candidate := range candidates(text) {
			c, err := parsePlan(candidate, scans)
			if err != nil {
				continue
			}
			if runs++; runs > mostRuns {
				break
			}
			if differs(c) {
				n, text, smaller = c, plan.Print(c), true
				break
			}
		}
	}
	return n
}

// candidates are smaller texts, the smallest first: a node alone with what is below it, nodes left out, fewer rows, and lines of fewer words.
func candidates(text string) func(yield func(string) bool) {
	lines := strings.SplitAfter(text, "\n")
	lines = lines[:len(lines)-1]
	return func(yield func(string) bool) {
		for i := len(lines) - 1; i > 0; i-- {
			if !yield(strings.Join(outdented(lines[i:below(lines, i)], depth(lines[i])), "")) {
				return
			}
		}
		for i, line := range lines {
			rest := outdented(lines[i+1:below(lines, i)], 1)
			if !yield(strings.Join(lines[:i], "") + strings.Join(rest, "") + strings.Join(lines[below(lines, i):], "")) {
				return
			}
			for _, shorter := range shortened(line) {
				if !yield(strings.Join(lines[:i], "") + shorter + strings.Join(lines[i+1:], "")) {
					return
				}
			}
		}
	}
}

func depth(line string) int { return (len(line) - len(strings.TrimLeft(line, " "))) / 2 }

// below is where the lines below line i end.
func below(lines []string, i int) int {
	end := i + 1
	for end < len(lines) && depth(lines[end]) > depth(lines[i]) {
		end++
	}
	return end
}

func outdented(lines []string, by int) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = line[2*by:]
	}
	return out
}

// shortened are the line with words taken out, many first, or with NULL in their place. The orders that make a plan's rows certain are left alone. A scan
// is cut down to one row.
func shortened(line string) []string {
	head, rest, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
	start := len(line) - len(rest)
	switch head {
	case "Order", "Latest", "Window":
		return nil
	case "Scan":
		if strings.Contains(rest, "WHERE") {
			break
		}
		var rows []string
		for id := range 10 {
			rows = append(rows, fmt.Sprintf("%s WHERE id = %d\n", strings.TrimSuffix(line, "\n"), id+1))
		}
		return rows
	}
	words, err := expr.Tokens(rest)
	if err != nil {
		return nil
	}
	var out []string
	for n := len(words) - 1; n > 0; n-- {
		for i := 0; i+n < len(words); i++ {
			from, to := start+words[i].Start, start+words[i+n-1].End
			out = append(out, line[:from]+line[to:])
			if n > 1 {
				out = append(out, line[:from]+"NULL"+line[to:])
			}
		}
	}
	return out
}
