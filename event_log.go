package medallion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
)

// eventWriter builds a run's events.
type eventWriter struct {
	run      engine.Run
	pipeline string
	events   []Event
	faults   []error
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
	schemaJSON, err := schema.MarshalDelta(t.Rows)
	if err != nil {
		w.faults = append(w.faults, err)
	}
	for _, f := range t.Flows {
		w.add(t, "flow_definition", "INFO", "Flow '"+f.ID+"' defined.", map[string]any{
			"output_dataset": t.Ident, "input_datasets": inputs, "flow_type": plan.EffectName(f.Effect), "schema": schema.DDL(t.Rows), "schema_json": schemaJSON,
		}, nil)
	}
	status, level := "COMPLETED", "INFO"
	switch {
	case tr.Skipped:
		status, level = "SKIPPED", "WARN"
	case tr.Err != nil:
		status, level = "FAILED", "ERROR"
	}
	w.add(t, "flow_progress", level, fmt.Sprintf("Flow '%s' has %s.", t.Ident, status), progress(t, tr, status), tr.Err)
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
	if jsonErr != nil {
		w.faults = append(w.faults, jsonErr)
	}
	e := Event{
		ID: w.run.NewID(), Sequence: EventSequence{ControlPlaneSeqNo: int64(len(w.events))}, Timestamp: w.run.Now().UTC(), Message: message, Level: level,
		Origin: EventOrigin{PipelineName: w.pipeline, UpdateID: w.run.ID}, MaturityLevel: "STABLE", EventType: kind, Details: string(body),
	}
	if t != nil {
		e.Origin.DatasetName, e.Origin.FlowName = &t.Ident, &t.Ident
	}
	if err != nil {
		e.Error = &EventError{Exceptions: exceptions(t, err)}
	}
	w.events = append(w.events, e)
}

// exceptions are the errors of the chain that have a type of their own. The first has the message of the whole.
func exceptions(t *plan.Table, err error) []EventException {
	var list []EventException
	var visit func(error)
	visit = func(e error) {
		if e == nil {
			return
		}
		if class := fmt.Sprintf("%T", e); !strings.HasPrefix(class, "*fmt.") && !strings.HasPrefix(class, "*errors.") {
			list = append(list, EventException{ClassName: strings.TrimPrefix(class, "*"), Message: e.Error(), Stack: declared(t)})
		}
		switch e := any(e).(type) {
		case interface{ Unwrap() error }:
			visit(e.Unwrap())
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				visit(inner)
			}
		}
	}
	visit(err)
	if len(list) == 0 {
		list = []EventException{{ClassName: "error", Stack: declared(t)}}
	}
	list[0].Message = err.Error()
	return list
}

// declared is the place of the table's declaration as a stack of one frame.
func declared(t *plan.Table) []EventFrame {
	return []EventFrame{{FileName: t.Declared.File, LineNumber: int64(t.Declared.Line)}}
}

func (w *eventWriter) write(ctx context.Context) error {
	if err := errors.Join(w.faults...); err != nil {
		return err
	}
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
