package medallion_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// expectation is what consumers of Delta Live Tables' event log take from it: array<struct<name:string,dataset:string,passed_records:bigint,
// failed_records:bigint>>.
type expectation struct {
	Name          string `json:"name"`
	Dataset       string `json:"dataset"`
	PassedRecords int64  `json:"passed_records"`
	FailedRecords int64  `json:"failed_records"`
}

// flowProgress is the details of a flow_progress event, with nothing beside.
type flowProgress struct {
	FlowProgress struct {
		Status  string `json:"status"`
		Metrics struct {
			NumOutputRows int64 `json:"num_output_rows"`
			BacklogBytes  int64 `json:"backlog_bytes"`
			BacklogFiles  int64 `json:"backlog_files"`
		} `json:"metrics"`
		DataQuality struct {
			DroppedRecords int64         `json:"dropped_records"`
			Expectations   []expectation `json:"expectations"`
		} `json:"data_quality"`
	} `json:"flow_progress"`
}

// flowDefinition is the details of a flow_definition event.
type flowDefinition struct {
	FlowDefinition struct {
		OutputDataset string   `json:"output_dataset"`
		InputDatasets []string `json:"input_datasets"`
		FlowType      string   `json:"flow_type"`
		Schema        string   `json:"schema"`
		SchemaJSON    string   `json:"schema_json"`
	} `json:"flow_definition"`
}

// events reads the lake's event log in the order of its events.
func events(t *testing.T, lake *medalliontest.Lake) []medallion.Event {
	t.Helper()
	s, err := delta.Open(lake.Store, "lake/"+medallion.EventLogPath, delta.Config{}).Snapshot(t.Context())
	if err != nil {
		t.Fatalf("event log: %v", err)
	}
	scan, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[medallion.Event](scan.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var all []medallion.Event
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if all, err = codec.Decode(rec, all); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortFunc(all, func(a, b medallion.Event) int {
		return int(a.Sequence.ControlPlaneSeqNo - b.Sequence.ControlPlaneSeqNo)
	})
	return all
}

// strictly parses JSON that has no member beside the struct's.
func strictly(t *testing.T, text string, into any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("details %s: %v", text, err)
	}
}

func TestEventLogColumns(t *testing.T) {
	t.Parallel()
	s, err := schema.Of[medallion.Event]()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"id STRING NOT NULL",
		"sequence STRUCT<data_plane_id: STRUCT<instance: STRING, seq_no: BIGINT>, control_plane_seq_no: BIGINT NOT NULL> NOT NULL",
		"origin STRUCT<cloud: STRING, region: STRING, org_id: BIGINT, pipeline_id: STRING, pipeline_name: STRING NOT NULL, cluster_id: STRING, " +
			"update_id: STRING NOT NULL, maintenance_id: STRING, table_id: STRING, dataset_name: STRING, flow_id: STRING, flow_name: STRING, batch_id: BIGINT, " +
			"request_id: STRING, uc_resource_id: STRING, host: STRING, materialization_name: STRING> NOT NULL",
		"timestamp TIMESTAMP NOT NULL", "message STRING NOT NULL", "level STRING NOT NULL", "maturity_level STRING NOT NULL",
		"error STRUCT<exceptions: ARRAY<STRUCT<class_name: STRING NOT NULL, message: STRING NOT NULL, " +
			"stack: ARRAY<STRUCT<declaring_class: STRING, method_name: STRING, file_name: STRING NOT NULL, line_number: BIGINT NOT NULL>> NOT NULL>> NOT NULL, fatal: BOOLEAN NOT NULL>",
		"details STRING NOT NULL", "event_type STRING NOT NULL",
	}, ", ")
	if diff := cmp.Diff(want, schema.DDL(s)); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}

func TestEventsOfARun(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.NoEventLog = false
	lake.File("landing/1.json", firstFile)
	report := lake.Run(newShop(lake).revenue)
	got := events(t, lake)

	var kinds []string
	ids := map[string]bool{}
	for _, e := range got {
		name := ""
		if e.Origin.DatasetName != nil {
			name = " " + *e.Origin.DatasetName
		}
		kinds = append(kinds, e.EventType+name+": "+e.Message)
		ids[e.ID] = true
		if e.Origin.UpdateID != report.RunID || e.Origin.PipelineName != t.Name() || e.Level != "INFO" || e.MaturityLevel != "STABLE" || e.Error != nil {
			t.Errorf("event %s: got origin %+v, level %s, maturity %s, error %v", e.EventType, e.Origin, e.Level, e.MaturityLevel, e.Error)
		}
		if !e.Timestamp.Equal(medalliontest.Start) {
			t.Errorf("event %s: got time %v, want the lake's clock", e.EventType, e.Timestamp)
		}
	}
	want := []string{
		"create_update: Update " + report.RunID + " started.",
		"flow_definition bronze.orders: Flow 'bronze.orders' defined.", "flow_progress bronze.orders: Flow 'bronze.orders' has COMPLETED.",
		"flow_definition silver.orders: Flow 'silver.orders' defined.", "flow_progress silver.orders: Flow 'silver.orders' has COMPLETED.",
		"flow_definition gold.revenue: Flow 'gold.revenue' defined.", "flow_progress gold.revenue: Flow 'gold.revenue' has COMPLETED.",
		"update_progress: Update " + report.RunID + " is COMPLETED.",
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if len(ids) != len(got) {
		t.Errorf("got %d ids of %d events, want each its own", len(ids), len(got))
	}

	var p flowProgress
	strictly(t, got[4].Details, &p)
	f := p.FlowProgress
	if f.Status != "COMPLETED" || f.Metrics.NumOutputRows != 3 || f.DataQuality.DroppedRecords != 5 {
		t.Errorf("flow_progress: got %+v, want COMPLETED, 3 output rows, 5 dropped or quarantined", f)
	}
	rules := []expectation{
		{"has_key", "silver.orders", 7, 2}, {"has_country", "silver.orders", 7, 2}, {"positive_amount", "silver.orders", 6, 3}, {"small", "silver.orders", 6, 3},
	}
	if diff := cmp.Diff(rules, f.DataQuality.Expectations); diff != "" {
		t.Errorf("expectations (-want +got):\n%s", diff)
	}
	var d flowDefinition
	strictly(t, got[3].Details, &d)
	d.FlowDefinition.SchemaJSON = ""
	want2 := flowDefinition{}
	want2.FlowDefinition.OutputDataset, want2.FlowDefinition.InputDatasets = "silver.orders", []string{"bronze.orders"}
	want2.FlowDefinition.FlowType, want2.FlowDefinition.Schema = "replace", "order_id STRING NOT NULL, country STRING NOT NULL, amount BIGINT NOT NULL, seq BIGINT"
	if diff := cmp.Diff(want2, d); diff != "" {
		t.Errorf("flow_definition (-want +got):\n%s", diff)
	}
}

// Consumers explode the expectations without looking whether there are any: the array is never NULL.
func TestEventsWithoutRulesHaveAnEmptyArray(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.NoEventLog = false
	lake.File("landing/1.json", firstFile)
	lake.Run(newShop(lake).raw)
	for _, e := range events(t, lake) {
		if e.EventType == "flow_progress" && !strings.Contains(e.Details, `"expectations":[]`) {
			t.Errorf("got details %s, want an empty array of expectations", e.Details)
		}
	}
}

func TestEventsOfAFailure(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.NoEventLog = false
	lake.File("landing/1.json", firstFile)
	_, err := lake.Pipeline.Run(t.Context(), newShop(lake, quality.Fail("known_country", "country <> 'FR'")).revenue)
	if err == nil {
		t.Fatal("got no error of a Fail rule that is violated")
	}
	got := events(t, lake)
	silver, gold, end := got[4], got[6], got[7]
	var p flowProgress
	strictly(t, silver.Details, &p)
	if silver.Level != "ERROR" || p.FlowProgress.Status != "FAILED" || len(p.FlowProgress.DataQuality.Expectations) != 5 {
		t.Errorf("silver: got level %s, details %s, want a failure with the counts of all 5 rules", silver.Level, silver.Details)
	}
	if silver.Error == nil || len(silver.Error.Exceptions) != 1 {
		t.Fatalf("silver: got error %+v, want one exception", silver.Error)
	}
	x := silver.Error.Exceptions[0]
	if x.ClassName != "quality.FailedError" || !strings.Contains(x.Message, "known_country") || !strings.HasSuffix(x.Stack[0].FileName, "pipeline_test.go") {
		t.Errorf("silver: got exception %+v, want the rule and where the table is declared", x)
	}
	p = flowProgress{}
	strictly(t, gold.Details, &p)
	if gold.Level != "WARN" || p.FlowProgress.Status != "SKIPPED" {
		t.Errorf("gold: got level %s, details %s, want it left out", gold.Level, gold.Details)
	}
	if end.Level != "ERROR" || end.Details != `{"update_progress":{"state":"FAILED"}}` {
		t.Errorf("end: got level %s, details %s, want the update failed", end.Level, end.Details)
	}
}

func TestRunThatDidNothingLeavesNoEvents(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.NoEventLog = false
	lake.File("landing/1.json", firstFile)
	s := newShop(lake)
	lake.Run(s.revenue)
	before := len(events(t, lake))
	lake.Run(s.revenue)
	if after := len(events(t, lake)); after != before {
		t.Errorf("got %d events after a run without news, want still %d", after, before)
	}
}

// noEventLog is a store that takes everything but the event log.
type noEventLog struct{ storage.Store }

var errNoLog = errors.New("no room for logs")

func (s noEventLog) Create(ctx context.Context, key string) (storage.Writer, error) {
	if strings.Contains(key, medallion.EventLogPath) {
		return nil, errNoLog
	}
	return s.Store.Create(ctx, key)
}

func (s noEventLog) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	if strings.Contains(key, medallion.EventLogPath) {
		return errNoLog
	}
	return s.Store.PutIfAbsent(ctx, key, data)
}

// TestEventLogThatCannotBeWritten is about a run whose events are lost: its tables are committed, as the report says, and the error claims no more than that.
func TestEventLogThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	pipeline := medallion.Pipeline{Lake: medallion.LakeIn(noEventLog{memory.New()}, "lake")}
	report, err := pipeline.Run(t.Context(), cities())
	if !errors.Is(err, errNoLog) || !strings.HasPrefix(err.Error(), "medallion: what the report says is committed is, but the event log could not be written: ") {
		t.Errorf("got %v, want the error of the event log", err)
	}
	if c := report.Table("silver.cities"); c == nil || c.Err != nil || c.Version != 0 {
		t.Errorf("the report has %+v, want silver.cities committed", c)
	}
}

func TestRunWithoutEventLog(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/1.json", firstFile)
	lake.Run(newShop(lake).raw)
	for info, err := range lake.Store.List(t.Context(), storage.Join("lake", medallion.EventLogPath), "") {
		if err != nil {
			t.Fatal(err)
		}
		t.Errorf("got %s, want no event log", info.Key)
	}
}

// The counts in the table's own commit are those of the report.
func TestCommitInfoHoldsTheCounts(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.File("landing/1.json", firstFile)
	tr := lake.Run(newShop(lake).revenue).Table("silver.orders")
	log, err := storage.ReadAll(t.Context(), lake.Store, "lake/silver/orders/_delta_log/00000000000000000000.json")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(log), "\n")
	type rule struct {
		Name   string `json:"name"`
		Passed int64  `json:"passed_records"`
		Failed int64  `json:"failed_records"`
	}
	var got struct {
		CommitInfo struct {
			Medallion struct {
				Flow        string `json:"flow"`
				Batch       int64  `json:"batch"`
				Run         string `json:"run"`
				RowsIn      int64  `json:"rows_in"`
				RowsOut     int64  `json:"rows_out"`
				Dropped     int64  `json:"dropped_records"`
				Quarantined int64  `json:"quarantined_records"`
				Rules       []rule `json:"expectations"`
			} `json:"medallion"`
		} `json:"commitInfo"`
	}
	if err := json.Unmarshal([]byte(first), &got); err != nil {
		t.Fatalf("commitInfo: %v in %s", err, first)
	}
	want := got
	m := &want.CommitInfo.Medallion
	m.Flow, m.Batch, m.Run = "silver.orders", 0, "00000000-0000-0000-0000-000000000001"
	m.RowsIn, m.RowsOut, m.Dropped, m.Quarantined, m.Rules = tr.RowsIn, tr.RowsOut, tr.Dropped, tr.Quarantined, nil
	for _, r := range tr.Rules {
		m.Rules = append(m.Rules, rule{r.Name, r.Passed, r.Failed})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commitInfo (-want +got):\n%s", diff)
	}
	if tr.RowsIn == 0 || len(tr.Rules) != 4 {
		t.Errorf("report: got %d rows in, %d rules, want 9 and 4", tr.RowsIn, len(tr.Rules))
	}
}
