// Package invoices adds up what customers owe.
package invoices

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/mattn/go-runewidth"
)

// A Line of an invoice: what was sold, how many of it, and what one costs in cents.
type Line struct {
	What  string
	Count int64
	Cents int64
}

// Total is what the lines cost together, in cents.
func Total(lines []Line) int64 {
	total := int64(0)
	for _, line := range lines {
		total += line.Count * line.Cents
	}
	return total
}

// Table shows the lines as rows of a table, in whatever script they are written.
func Table(lines []Line) string {
	rows := []string{}
	for _, line := range append(lines[:len(lines):len(lines)], Line{"total", 1, Total(lines)}) {
		what := runewidth.FillRight(line.What, 12)
		rows = append(rows, what+runewidth.FillLeft(amount(line.Count*line.Cents), 10))
	}
	return strings.Join(rows, "\n")
}

func amount(cents int64) string {
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}

// Number identifies a customer's nth invoice, and is the same whenever it is asked for.
func Number(customer string, n int) string {
	name := fmt.Sprintf("%s/%d", customer, n)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
}
