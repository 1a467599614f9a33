package delta

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// columnValue is what the table itself gives a column, or does to it, of rows to be written. At most one member is set.
type columnValue struct {
	fallback  *kernel.Expr // the column's default, over no columns
	fault     error        // why the default cannot be computed; it matters to rows without the column
	generated *kernel.Expr // over the table's columns
	identity  *identity
	char      *kernel.Expr // the text as CHAR or VARCHAR stores it, over the column alone
}

// columnValues prepares the table's generated columns, identities and defaults, one for each column. What cannot be computed exactly refuses the write.
func (tx *Transaction) columnValues(m *tableMetadata) ([]columnValue, error) {
	p := tx.protocol()
	values := make([]columnValue, m.schema.NumFields())
	for i, f := range m.schema.Fields() {
		if rule, at := nestedRule(f); rule != "" {
			return nil, tx.unsupported(rule, "column "+at+": only whole columns can have it")
		}
		v := &values[i]
		var err error
		if sql, ok := f.Metadata.GetValue(generationKey); ok && p.supports("generatedColumns") {
			if v.generated, err = compileGenerated(sql, f, m.schema); err != nil {
				return nil, tx.unsupported("generatedColumns", fmt.Sprintf("column %s: %s: %v", f.Name, sql, err))
			}
		} else if isIdentity(f.Metadata) && p.supports("identityColumns") {
			if v.identity, err = tx.identityOf(f); err != nil {
				return nil, tx.unsupported("identityColumns", fmt.Sprintf("column %s: %v", f.Name, err))
			}
		} else if sql, ok := f.Metadata.GetValue(defaultKey); ok && p.supports("allowColumnDefaults") {
			v.fallback, v.fault = compileDefault(sql, f)
		}
		if text, ok := f.Metadata.GetValue(charTypeKey); ok && v.generated == nil {
			if v.char, err = compileChar(text, f); err != nil {
				return nil, tx.unsupported("char/varchar", fmt.Sprintf("column %s: %s: %v", f.Name, text, err))
			}
		}
	}
	return values, nil
}

// gives reports whether rows can do without the column.
func (v *columnValue) gives() bool {
	return v.fallback != nil || v.generated != nil || v.identity != nil
}

// instead is the column of rows that do not have it: the identity's next values, the default, else NULL.
func (v *columnValue) instead(env *kernel.Env, t arrow.DataType, n int, sel []int32) (arrow.Array, error) {
	switch {
	case v.identity != nil:
		return v.identity.fill(env, nil, n, sel)
	case v.fallback != nil:
		return v.fallback.Eval(env, nil, n, sel)
	default:
		return pool.Nulls(env.Alloc, t, n), nil
	}
}

// protocol is the protocol as the commit leaves it.
func (tx *Transaction) protocol() *Protocol {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	var have *Protocol
	if tx.base != nil {
		have = tx.base.protocol
	}
	if tx.metadata == nil {
		return have
	}
	return tx.requiredProtocol(have)
}

// requiredProtocol is the protocol that the new metadata needs, from the one that is there. The caller holds tx.mu.
func (tx *Transaction) requiredProtocol(have *Protocol) *Protocol {
	if tx.dropped != "" {
		have = have.without(tx.dropped)
	}
	return requiredProtocol(have, tx.metadata, tx.features)
}

func (tx *Transaction) unsupported(feature, detail string) error {
	version := int64(-1)
	if tx.base != nil {
		version = tx.base.version
	}
	return &UnsupportedError{Feature: feature, Table: tx.table.Name(), Version: version, Detail: detail}
}

// bindGenerated resolves a generated column's expression over the table's columns, in the column's type.
func bindGenerated(sql string, f arrow.Field, s *arrow.Schema) (expr.Bound, error) {
	b, err := bindAssignment(sql, expr.NewScope(s), f, &aligner{})
	if err != nil {
		return nil, err
	}
	if !expr.Deterministic(b) {
		return nil, fmt.Errorf("it must give the same whenever it is computed")
	}
	for _, i := range expr.Columns(b) {
		if other := s.Field(i); other.Metadata.FindKey(generationKey) >= 0 || isIdentity(other.Metadata) {
			return nil, fmt.Errorf("it reads %s, whose values the table gives too", other.Name)
		}
	}
	return b, nil
}

func compileGenerated(sql string, f arrow.Field, s *arrow.Schema) (*kernel.Expr, error) {
	b, err := bindGenerated(sql, f, s)
	if err != nil {
		return nil, err
	}
	return kernel.Compile(b)
}

func compileDefault(sql string, f arrow.Field) (*kernel.Expr, error) {
	b, err := bindDefault(sql, f)
	if err != nil {
		return nil, err
	}
	return kernel.Compile(b)
}

// charTypeKey is the member of a column's metadata that has its CHAR or VARCHAR type; in the schema the column is a STRING, as Spark keeps it.
const charTypeKey = "__CHAR_VARCHAR_TYPE_STRING"

// charType is CHAR(length) or VARCHAR(length).
type charType struct {
	fixed  bool
	length int32 // characters
}

var charTypePattern = regexp.MustCompile(`(?i)^\s*(var)?char\s*\(\s*(\d+)\s*\)\s*$`)

func parseCharType(text string) (charType, error) {
	m := charTypePattern.FindStringSubmatch(text)
	if m == nil {
		return charType{}, fmt.Errorf("only whole columns of type CHAR and VARCHAR can be written")
	}
	n, err := strconv.ParseInt(m[2], 10, 32)
	return charType{m[1] == "", int32(n)}, err
}

// compileChar makes text what the type stores: CHAR is filled with blanks, and blanks at the end that are too many go.
func compileChar(text string, f arrow.Field) (*kernel.Expr, error) {
	t, err := parseCharType(text)
	if err != nil {
		return nil, err
	}
	name := schema.Quote(f.Name)
	sql := fmt.Sprintf("CASE WHEN length(%[1]s) > %[2]d AND length(rtrim(%[1]s)) <= %[2]d THEN left(%[1]s, %[2]d) ELSE %[1]s END", name, t.length)
	if t.fixed {
		sql = fmt.Sprintf("CASE WHEN length(%[1]s) < %[2]d THEN rpad(%[1]s, %[2]d, ' ') ELSE %[3]s END", name, t.length, sql)
	}
	b, err := bindAssignment(sql, expr.NewScope(arrow.NewSchema([]arrow.Field{f}, nil)), f, &aligner{})
	if err != nil {
		return nil, err
	}
	return kernel.Compile(b)
}

// charRules are the lengths that CHAR and VARCHAR columns must not exceed.
func (m *tableMetadata) charRules() []constraint {
	var list []constraint
	for _, f := range m.schema.Fields() {
		text, ok := f.Metadata.GetValue(charTypeKey)
		if !ok {
			continue
		}
		if t, err := parseCharType(text); err == nil {
			name := schema.Quote(f.Name)
			list = append(list, constraint{"length of " + f.Name, fmt.Sprintf("%s IS NULL OR length(%s) <= %d", name, name, t.length), "char/varchar"})
		}
	}
	return list
}

// generationRules say that generated columns hold what their expressions give.
func (m *tableMetadata) generationRules() []constraint {
	var list []constraint
	for _, f := range m.schema.Fields() {
		if sql, ok := f.Metadata.GetValue(generationKey); ok {
			list = append(list, constraint{"generated column " + f.Name, fmt.Sprintf("%s <=> CAST((%s) AS %s)", schema.Quote(f.Name), sql, schema.TypeDDL(f.Type)), "generatedColumns"})
		}
	}
	return list
}
