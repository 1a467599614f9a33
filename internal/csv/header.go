package csv

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/medallion-go/medallion/internal/columns"
)

// Names are the columns that the first record of text names, whatever Config.Header says. Give them to the Readers of a file's later pieces.
func Names(c Config, text []byte) ([]string, error) {
	s, err := newSyntax(c)
	if err != nil {
		return nil, err
	}
	end := len(text)
	d := append(append(make([]byte, 0, end+1+padding), text...), '\n')
	t := tokens{syntax: s, oneLine: !c.MultiLine, d: d[:end+1+padding], end: end, final: true}
	t.at = skipMark(d)
	names, next := t.record()
	if next < 0 {
		return nil, errors.New("csv: the quotes of the header are wrong")
	}
	return names, nil
}

// skipMark is where text begins behind a byte order mark.
func skipMark(d []byte) int {
	if strings.HasPrefix(string(d[:min(3, len(d))]), "\ufeff") {
		return 3
	}
	return 0
}

// bind finds the schema's columns by the names of the text's.
func (r *Reader) bind(names []string) error {
	r.fields = make([]field, len(names))
	var used []*columns.Column
	free := r.dataColumns()
	names = named(names)
	at := r.match(names, free)
	for i, name := range names {
		f := &r.fields[i]
		f.name = name
		column := at[i]
		if column < 0 {
			f.rescue = r.rescued != nil
			continue
		}
		if f.col = r.columns[column]; f.col != nil {
			f.kind = f.col.Kind()
			f.needed = !r.config.Schema.Field(column).Nullable
			used = append(used, f.col)
		}
	}
	r.all = columns.Group(r.config.Alloc, used)
	return r.checkBound(names, free)
}

// named is a header without gaps: a column that has no name there has one by its position.
func named(header []string) []string {
	names := slices.Clone(header)
	for i, name := range names {
		if name == "" {
			names[i] = positional(i)
		}
	}
	return names
}

// IsSurplus says whether rescued data has under this name what stands behind the last column of a text with a header. That is no column of the text.
func (r *Reader) IsSurplus(name string) bool {
	digits, ok := strings.CutPrefix(name, positionalPrefix)
	i, err := strconv.Atoi(digits)
	return r.config.Header && ok && err == nil && i >= len(r.fields) && !slices.ContainsFunc(r.fields, func(f field) bool { return f.name == name })
}

const positionalPrefix = "_c"

// positional is the name of a column that has none, as Spark gives it.
func positional(i int) string { return positionalPrefix + strconv.Itoa(i) }

// dataColumns are the positions of the schema's columns that are in the text.
func (r *Reader) dataColumns() map[int]string {
	c := &r.config
	data := make(map[int]string, c.Schema.NumFields())
	for i, f := range c.Schema.Fields() {
		if f.Name != c.Rescued && f.Name != c.Corrupt && !slices.Contains(c.Skip, f.Name) {
			data[i] = f.Name
		}
	}
	return data
}

// match takes a free column for each name, -1 where there is none: names that agree in case choose first, each column goes to the first that asks.
func (r *Reader) match(names []string, free map[int]string) []int {
	at := make([]int, len(names))
	for i, name := range names {
		at[i] = take(free, func(column string) bool { return column == name })
	}
	for i, name := range names {
		if at[i] < 0 && !r.config.CaseSensitive {
			at[i] = take(free, func(column string) bool { return strings.EqualFold(column, name) })
		}
	}
	return at
}

// take removes the first free column that fits, and gives its position or -1.
func take(free map[int]string, fits func(string) bool) int {
	first := -1
	for i, name := range free {
		if fits(name) && (first < 0 || i < first) {
			first = i
		}
	}
	delete(free, first)
	return first
}

// checkBound refuses a text none of whose columns is wanted, unless all of it is rescued: that is another file, or one without a header. A strict reader
// wants all columns that may not be NULL. The columns that are free still are not in the text.
func (r *Reader) checkBound(names []string, free map[int]string) error {
	for i, f := range r.config.Schema.Fields() {
		if name, missing := free[i]; r.strict && missing && !f.Nullable {
			return &MalformedError{Line: r.line, Column: name, Type: f.Type.String(), Reason: "the column may not be NULL and is missing"}
		}
	}
	if all := len(r.dataColumns()); all > 0 && len(free) == all && r.rescued == nil {
		return fmt.Errorf("csv: the header names none of the schema's columns: %s", columns.Excerpt([]byte(strings.Join(names, ", "))))
	}
	return nil
}
