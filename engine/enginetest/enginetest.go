// Package enginetest is the conformance suite of the engine port: what plans mean, as cases with the rows that Spark gives for them.
//
// Its cases stand in testdata. A line of values/*.txt is an expression, with its type and value below it; a case of queries/*.txt is a query over the
// tables of tables.sql, with its columns and rows; a case of plans/*.txt is a plan as plan.Print writes it, for nodes that SQL has no words for, and for what
// random plans have found. Values are written as schema.AppendJSON writes them; errors are ! and the error class. Update writes the results anew from what
// Spark says.
//
// Beside the fixed cases, Compare runs random plans on two engines.
package enginetest

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/uuid"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/plan"
)

// Text runs a query that is written in Spark's SQL.
type Text func(ctx context.Context, query string) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error)

// Subject is an engine to be checked, and an empty lake that it can read.
type Subject struct {
	Engine engine.Engine
	Lake   engine.Lake
	// Brief leaves out what takes long on a slow engine: values from constants, which the optimizer and RunText know, queries over constant rows and over views,
	// and two of three cases that need a statement of their own: queries, and values that are errors.
	Brief bool
}

// Run checks that the engine gives every case's rows: values from constants and from columns, queries over constant rows, over Delta tables of the lake and
// over views of these, and plans.
func Run(t *testing.T, subject Subject) {
	cases := load(t)
	if subject.Brief {
		cases.thin()
	}
	run := newRun(subject.Lake)
	s := open(t, subject.Engine, run)
	if !subject.Brief {
		t.Run("values/constant", func(t *testing.T) { cases.eachValues(t, literally(t.Context(), s)) })
	}
	t.Run("values/columns", func(t *testing.T) { cases.eachValues(t, fromColumns(t.Context(), s)) })
	onLake, err := stored(t.Context(), subject.Lake, run, cases.tables)
	if err != nil {
		t.Fatal(err)
	}
	over := map[string]map[string]plan.Node{"lake": onLake}
	if !subject.Brief {
		over["rows"], over["views"] = nodes(cases.tables), views(onLake)
	}
	for name, tables := range over {
		t.Run("queries/"+name, func(t *testing.T) { eachQueries(t, cases.queries, planned(t.Context(), s, tables)) })
		t.Run("plans/"+name, func(t *testing.T) { eachQueries(t, cases.plans, asPlans(t.Context(), s, tables)) })
	}
}

// RunText checks that a server gives every value's and query's rows when it gets the text as it is written, so that it is the text's meaning that engines
// are held to, and not that of the plan that it was read as.
func RunText(t *testing.T, server Text) {
	cases := load(t)
	t.Run("values", func(t *testing.T) { cases.eachValues(t, valuesText(t.Context(), server)) })
	t.Run("queries", func(t *testing.T) { eachQueries(t, cases.queries, queryText(t.Context(), server, cases.tables)) })
}

// Update writes the cases' results anew, into the folder that is this package's testdata: of values and queries as the server gives them for their text, of
// plans as e does, which is to be an engine on that server. Files whose names in testdata, such as values/dates.txt, do not match only stay as they are.
func Update(t *testing.T, server Text, e engine.Engine, lake engine.Lake, folder string, only *regexp.Regexp) {
	cases := load(t)
	cases.keep(only)
	for _, f := range cases.values {
		store(t, folder, f.name, f.write(evaluate(f.cases, valuesText(t.Context(), server))))
	}
	updateQueries(t, folder, cases.queries, queryText(t.Context(), server, cases.tables))
	updateQueries(t, folder, cases.plans, asPlans(t.Context(), open(t, e, newRun(lake)), nodes(cases.tables)))
}

func updateQueries(t *testing.T, folder string, files map[string][]queryCase, query func(queryCase) outcome) {
	t.Helper()
	for name, list := range files {
		got := make([]string, len(list))
		for i, c := range list {
			got[i] = c.arranged(query(c)).String()
		}
		store(t, folder, name, writeQueries(list, got))
	}
}

func store(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func valuesText(ctx context.Context, server Text) func([]valueCase) outcome {
	return func(cases []valueCase) outcome {
		return collect(func() (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) { return server(ctx, asText(cases)) })
	}
}

func queryText(ctx context.Context, server Text, tables []table) func(queryCase) outcome {
	return func(c queryCase) outcome {
		return collect(func() (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
			return server(ctx, c.overTables(tables))
		})
	}
}

// suite is all cases, by file name.
type suite struct {
	tables  []table
	values  map[string]*valueFile
	queries map[string][]queryCase
	plans   map[string][]queryCase // whose texts are plans
}

// keep drops the files whose names do not match.
func (s *suite) keep(only *regexp.Regexp) {
	other := func(name string) bool { return !only.MatchString(name) }
	maps.DeleteFunc(s.values, func(name string, _ *valueFile) bool { return other(name) })
	maps.DeleteFunc(s.queries, func(name string, _ []queryCase) bool { return other(name) })
	maps.DeleteFunc(s.plans, func(name string, _ []queryCase) bool { return other(name) })
}

// thin keeps every third of the cases that need a statement of their own.
func (s *suite) thin() {
	for _, f := range s.values {
		errors := 0
		f.cases = slices.DeleteFunc(f.cases, func(c valueCase) bool {
			if !strings.HasPrefix(c.want, "!") {
				return false
			}
			errors++
			return errors%3 != 1
		})
	}
	for name, list := range s.queries {
		var kept []queryCase
		for i := 0; i < len(list); i += 3 {
			kept = append(kept, list[i])
		}
		s.queries[name] = kept
	}
}

func load(t *testing.T) *suite {
	t.Helper()
	s, err := loadSuite()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func loadSuite() (*suite, error) {
	s := &suite{values: map[string]*valueFile{}, queries: map[string][]queryCase{}, plans: map[string][]queryCase{}}
	var err error
	if s.tables, err = tables(); err != nil {
		return nil, err
	}
	err = eachFile("values", func(name, text string) (err error) {
		s.values[name], err = readValues(name, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	for folder, into := range map[string]map[string][]queryCase{"queries": s.queries, "plans": s.plans} {
		err := eachFile(folder, func(name, text string) (err error) {
			into[name], err = readQueries(name, text)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// eachFile reads the files of a folder of testdata; names are from testdata on.
func eachFile(folder string, read func(name, text string) error) error {
	files, err := fs.Glob(testdata, "testdata/"+folder+"/*.txt")
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := testdata.ReadFile(file)
		if err != nil {
			return err
		}
		if err := read(folder+"/"+filepath.Base(file), string(text)); err != nil {
			return err
		}
	}
	return nil
}

func (s *suite) eachValues(t *testing.T, query func([]valueCase) outcome) {
	for name, f := range s.values {
		t.Run(filepath.Base(name), func(t *testing.T) { testValues(t, f, query) })
	}
}

func eachQueries(t *testing.T, files map[string][]queryCase, query func(queryCase) outcome) {
	for name, cases := range files {
		t.Run(filepath.Base(name), func(t *testing.T) { testQueries(t, cases, query) })
	}
}

// views are views of the same names over the tables.
func views(tables map[string]plan.Node) map[string]plan.Node {
	byName := make(map[string]plan.Node, len(tables))
	for name, n := range tables {
		byName[name] = plan.NewScan(&plan.View{Ident: name, Query: n})
	}
	return byName
}

// newRun is a run of its own.
func newRun(lake engine.Lake) engine.Run {
	return engine.Run{ID: uuid.NewString(), Lake: lake, Now: time.Now, NewID: uuid.NewString, Logger: slog.New(slog.DiscardHandler)}
}

// open opens a session that the test closes.
func open(t *testing.T, e engine.Engine, run engine.Run) engine.Session {
	t.Helper()
	s, err := e.Open(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(fmt.Errorf("close the session: %w", err))
		}
	})
	return s
}
