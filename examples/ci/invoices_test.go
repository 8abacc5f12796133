package invoices

import "testing"

func TestTable(t *testing.T) {
	expected := "" +
		"地鼠             59.97\n" +
		"burrow         1000.00\n" +
		"total          1059.97"
	if got := Table([]Line{{"地鼠", 3, 1999}, {"burrow", 1, 100000}}); got != expected {
		t.Errorf("got\n%s\nnot\n%s", got, expected)
	}
}

func TestTotal(t *testing.T) {
	lines := []Line{{"gopher", 3, 1999}, {"burrow", 1, 100000}}
	if got := Total(lines); got != 105997 {
		t.Errorf("Total(%v) = %d", lines, got)
	}
}

func TestNumberStays(t *testing.T) {
	if Number("ada", 1) != Number("ada", 1) || Number("ada", 1) == Number("ada", 2) {
		t.Error("an invoice's number is its own, and stays")
	}
}
