package medallion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
)

// EventLogPath is where a lake's event log lies, under the lake's prefix. It is a Delta table in the shape of Delta Live Tables' event log, so that queries
// on details:flow_progress.data_quality.expectations work as they are.
const EventLogPath = "_medallion/event_log"

// Event is a row of the event log.
type Event struct {
	ID            string
	Sequence      EventSequence
	Origin        EventOrigin
	Timestamp     time.Time
	Message       string
	Level         string // INFO, WARN, ERROR or METRICS
	MaturityLevel string
	Error         *EventError
	EventType     string // create_update, flow_definition, flow_progress or update_progress
	Details       string // JSON: an object with one member, named by EventType
}

// EventSequence orders the events of one run.
type EventSequence struct {
	ControlPlaneSeqNo int64
}

// EventOrigin says what an event is about.
type EventOrigin struct {
	PipelineName string
	UpdateID     string // the run's id
	DatasetName  *string
	FlowName     *string
}

// EventError is what went wrong.
type EventError struct {
	Exceptions []EventException
	Fatal      bool
}

// EventException is one error in the chain.
type EventException struct {
	ClassName string
	Message   string
}

// eventWriter builds a run's events.
type eventWriter struct {
	run      engine.Run
	pipeline string
	events   []Event
}

// appendEvents adds the run to the lake's event log in one commit. A run that committed nothing and had no failure leaves no trace there.
func appendEvents(ctx context.Context, run engine.Run, pipeline string, tables []*plan.Table, report *Report) error {
	if !noteworthy(report) {
		return nil
	}
	w := &eventWriter{run: run, pipeline: pipeline}
	w.add(nil, "create_update", "INFO", "Update "+run.ID+" started.", map[string]any{"cause": "API_CALL"}, nil)
	failed := false
	for i, t := range tables {
		w.table(t, &report.Tables[i])
		failed = failed || report.Tables[i].Err != nil
	}
	state, level := "COMPLETED", "INFO"
	if failed {
		state, level = "FAILED", "ERROR"
	}
	w.add(nil, "update_progress", level, fmt.Sprintf("Update %s is %s.", run.ID, state), map[string]any{"state": state}, nil)
	return w.write(ctx)
}

func noteworthy(report *Report) bool {
	for _, t := range report.Tables {
		if t.Commits > 0 || t.Err != nil {
			return true
		}
	}
	return false
}

func (w *eventWriter) table(t *plan.Table, tr *TableReport) {
	inputs := []string{}
	for _, in := range t.Inputs() {
		inputs = append(inputs, in.Ident)
	}
	for _, f := range t.Flows {
		w.add(t, "flow_definition", "INFO", "Flow '"+f.ID+"' defined.", map[string]any{
			"output_dataset": t.Ident, "input_datasets": inputs, "flow_type": plan.EffectName(f.Effect), "schema": schema.DDL(t.Rows),
		}, nil)
	}
	status, level := "COMPLETED", "INFO"
	var err error
	switch {
	case tr.Skipped:
		status, level, err = "SKIPPED", "WARN", tr.Err
	case tr.Err != nil:
		status, level, err = "FAILED", "ERROR", tr.Err
	}
	w.add(t, "flow_progress", level, fmt.Sprintf("Flow '%s' has %s.", t.Ident, status), progress(t, tr, status), err)
}

// progress is the details of a flow_progress event, as Delta Live Tables' consumers read them.
func progress(t *plan.Table, tr *TableReport, status string) map[string]any {
	expectations := []map[string]any{}
	for _, c := range tr.Rules {
		expectations = append(expectations, map[string]any{"name": c.Name, "dataset": t.Ident, "passed_records": c.Passed, "failed_records": c.Failed})
	}
	return map[string]any{
		"status":  status,
		"metrics": map[string]any{"num_output_rows": tr.RowsOut, "backlog_bytes": 0, "backlog_files": 0},
		"data_quality": map[string]any{
			"dropped_records": tr.Dropped + tr.Quarantined, "expectations": expectations,
		},
	}
}

func (w *eventWriter) add(t *plan.Table, kind, level, message string, details map[string]any, err error) {
	body, jsonErr := json.Marshal(map[string]any{kind: details})
	if jsonErr != nil { // details hold only strings, numbers, maps and slices of them
		panic(fmt.Sprintf("medallion: event details: %v", jsonErr))
	}
	e := Event{
		ID: w.run.NewID(), Sequence: EventSequence{int64(len(w.events))}, Timestamp: w.run.Now().UTC(), Message: message, Level: level,
		Origin: EventOrigin{PipelineName: w.pipeline, UpdateID: w.run.ID}, MaturityLevel: "STABLE", EventType: kind, Details: string(body),
	}
	if t != nil {
		e.Origin.DatasetName, e.Origin.FlowName = &t.Ident, &t.Ident
	}
	if err != nil {
		e.Error = &EventError{Exceptions: []EventException{{ClassName: fmt.Sprintf("%T", err), Message: err.Error()}}}
	}
	w.events = append(w.events, e)
}

func (w *eventWriter) write(ctx context.Context) error {
	s, err := schema.Of[Event]()
	if err != nil {
		return err
	}
	codec, err := schema.NewCodec[Event](s)
	if err != nil {
		return err
	}
	rec, err := codec.Encode(memory.DefaultAllocator, w.events)
	if err != nil {
		return err
	}
	defer rec.Release()
	log := delta.Open(w.run.Lake.Store, storage.Join(w.run.Lake.Prefix, EventLogPath), delta.Config{Clock: w.run.Now, NewID: w.run.NewID, Logger: w.run.Logger})
	if _, err := log.Create(ctx, delta.Definition{Schema: s, Name: "event_log"}); err != nil && !errors.Is(err, delta.ErrTableExists) {
		return err
	}
	_, err = log.Append(ctx, exec.NewBatches(s, rec), delta.WriteOptions{})
	return err
}
