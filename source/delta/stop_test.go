package delta_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
	stream "github.com/medallion-go/medallion/source/delta"
)

// TestStreamsStop changes what a stream relies on.
func TestStreamsStop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(e *events)
		stop   error
		resume bool // a new Source reads on
	}{
		"a new column": {func(e *events) {
			e.done(e.AddColumns(e.t.Context(), delta.NewColumn{Field: arrow.Field{Name: "more", Type: schema.String, Nullable: true}}))
		}, delta.ErrSchemaChanged, true},
		"a property": {func(e *events) {
			e.done(e.SetProperties(e.t.Context(), map[string]string{"delta.logRetentionDuration": "interval 5 days"}))
		}, nil, true},
		"a log that was cleaned up": {func(e *events) {
			s, err := e.Snapshot(e.t.Context())
			if err == nil {
				err = e.Checkpoint(e.t.Context(), s)
			}
			for v := range s.Version() + 1 {
				err = errors.Join(err, e.store.Delete(e.t.Context(), fmt.Sprintf("events/_delta_log/%020d.json", v)))
			}
			e.done(0, err)
		}, delta.ErrVersionNotFound, false},
		"another table at its place": {func(e *events) {
			for info, err := range e.store.List(e.t.Context(), "events/", "") {
				e.done(0, err)
				e.done(0, e.store.Delete(e.t.Context(), info.Key))
			}
			*e = events{delta.Open(e.store, "events", delta.Config{}), e.t, e.alloc, e.store}
			e.done(e.Create(e.t.Context(), delta.Definition{Schema: ddl(e.t, "id BIGINT, name STRING"), Name: "another"}))
			for range 4 {
				e.append(9, 9, 9, 9, 9, 9, 9, 9, 9, 9)
			}
		}, stream.ErrReplaced, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvents(t, memory.DefaultAllocator)
			e.append(1)
			s := stream.New(e.Table)
			first, until, err := follow(t, s, nil)
			if err != nil || len(first) != 1 {
				t.Fatalf("the stream begins with %v, %v", first, err)
			}
			e.append(2)
			test.change(e)
			e.append(3)
			got, end, err := follow(t, s, until)
			if test.stop == nil {
				if err != nil || strings.Join(got, "; ") != "2, 3" {
					t.Errorf("the stream gives %v, %v, want rows 2 and 3", got, err)
				}
				return
			}
			var stopped *stream.Error
			if !errors.Is(err, test.stop) || !errors.As(err, &stopped) {
				t.Errorf("the stream ends in %v, want a *Error of %v", err, test.stop)
			}
			var gone *delta.VersionError
			if errors.Is(test.stop, delta.ErrVersionNotFound) && (!errors.As(err, &gone) || !gone.Cleaned || !slices.Equal(gone.Readable, []delta.VersionRange{{First: 3, Last: 3}})) {
				t.Errorf("the stream ends in %v, want that the changes of version 3 can be read", err)
			}
			again, _, err := follow(t, stream.New(e.Table), end)
			if test.resume {
				if err != nil || strings.Join(append(got, again...), "; ") != "2; 3" {
					t.Errorf("the streams before and after give %v and %v, %v; want rows 2 and 3", got, again, err)
				}
			} else if !errors.Is(err, test.stop) || len(got)+len(again) > 0 {
				t.Errorf("a new stream gives %v and %v, %v; want %v", got, again, err, test.stop)
			}
		})
	}
}

// TestReplanOfLostBatch asks for a batch of which the log has gone.
func TestReplanOfLostBatch(t *testing.T) {
	t.Parallel()
	e := newEvents(t, memory.DefaultAllocator)
	e.append(1)
	s := stream.New(e.Table, stream.StartingVersion(1))
	b, err := s.Plan(t.Context(), nil, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	e.append(2)
	snapshot, err := e.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.done(0, e.Checkpoint(t.Context(), snapshot))
	e.done(0, e.store.Delete(t.Context(), "events/_delta_log/00000000000000000001.json"))
	if _, err := s.Replan(t.Context(), b.Until, b.Work); !errors.Is(err, source.ErrGone) {
		t.Errorf("Replan returned %v, want %v", err, source.ErrGone)
	}
}

func TestOffsetsThatAreNone(t *testing.T) {
	t.Parallel()
	e := newEvents(t, memory.DefaultAllocator)
	for _, text := range []string{`{}`, `[]`, `{"tableId":"x","version":-1}`, `{"tableId":"x","index":-1}`, `{"version":1}`} {
		if _, err := stream.New(e.Table).Plan(t.Context(), json.RawMessage(text), source.Limits{}); err == nil {
			t.Errorf("offset %s is accepted", text)
		}
	}
	for _, option := range []stream.Option{stream.StartingVersion(7), stream.StartingVersion(-1), stream.StartingTimestamp(time.Now().Add(time.Hour))} {
		if _, err := stream.New(e.Table, option).Plan(t.Context(), nil, source.Limits{}); !errors.Is(err, delta.ErrVersionNotFound) {
			t.Errorf("a beginning that is not there: error %v, want %v", err, delta.ErrVersionNotFound)
		}
	}
}
