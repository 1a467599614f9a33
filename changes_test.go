package medallion_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
)

// change is an event of the change feeds in these tests.
type change struct {
	ID      *int64
	Op      *string
	Seq     *int64
	Status  *string
	City    *string
	Rescued *string `delta:"_rescued_data"`
}

// account is a row of the SCD type 1 table, version of the SCD type 2 table.
type account struct {
	ID     *int64
	Status *string
	City   *string
}

type version struct {
	ID     *int64
	Status *string
	City   *string
	From   int64  `delta:"valid_from"`
	To     *int64 `delta:"valid_to"`
	Holds  bool   `delta:"is_current"`
}

// feed writes events as lines: "id op seq status city", - for NULL.
func feed(lake *medalliontest.Lake, batch int, events string) {
	var b strings.Builder
	for line := range strings.Lines(events) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		for i, name := range []string{"id", "op", "seq", "status", "city"} {
			switch {
			case f[i] == "-":
				f[i] = fmt.Sprintf(`%q:null`, name)
			case name == "id" || name == "seq":
				f[i] = fmt.Sprintf(`%q:%s`, name, f[i])
			default:
				f[i] = fmt.Sprintf(`%q:%q`, name, f[i])
			}
		}
		fmt.Fprintf(&b, "{%s}\n", strings.Join(f, ","))
	}
	lake.File(fmt.Sprintf("cdc/%d.json", batch), b.String())
}

func accounts(scd silver.SCD) silver.Changes {
	return silver.Changes{Keys: []string{"id"}, SequenceBy: "seq", DeleteWhen: "op = 'D'", SCD: scd}
}

func TestApplyChanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		batches []string
		now     []account
		history []version
	}{
		{
			name:    "insert, update and delete in one batch",
			batches: []string{"1 I 10 new Rome\n1 U 20 active Rome\n2 I 11 new Oslo\n2 D 30 - -"},
			now:     []account{{ptr[int64](1), ptr("active"), ptr("Rome")}},
			history: []version{
				{ptr[int64](1), ptr("new"), ptr("Rome"), 10, ptr[int64](20), false},
				{ptr[int64](1), ptr("active"), ptr("Rome"), 20, nil, true},
				{ptr[int64](2), ptr("new"), ptr("Oslo"), 11, ptr[int64](30), false},
			},
		},
		{
			name:    "one event a batch, then the whole again from another file",
			batches: []string{"1 I 10 a x", "1 U 20 b x", "1 U 30 b y", "1 D 40 - -", "1 I 50 c x"},
			now:     []account{{ptr[int64](1), ptr("c"), ptr("x")}},
			history: []version{
				{ptr[int64](1), ptr("a"), ptr("x"), 10, ptr[int64](20), false},
				{ptr[int64](1), ptr("b"), ptr("x"), 20, ptr[int64](30), false},
				{ptr[int64](1), ptr("b"), ptr("y"), 30, ptr[int64](40), false},
				{ptr[int64](1), ptr("c"), ptr("x"), 50, nil, true},
			},
		},
		{
			name:    "events out of order within a batch",
			batches: []string{"1 U 30 c x\n1 I 10 a x\n1 U 20 b x"},
			now:     []account{{ptr[int64](1), ptr("c"), ptr("x")}},
			history: []version{
				{ptr[int64](1), ptr("a"), ptr("x"), 10, ptr[int64](20), false},
				{ptr[int64](1), ptr("b"), ptr("x"), 20, ptr[int64](30), false},
				{ptr[int64](1), ptr("c"), ptr("x"), 30, nil, true},
			},
		},
		{
			name:    "what changes nothing begins no version; NULL differs from a value",
			batches: []string{"1 I 10 a -\n1 U 20 a -", "1 U 30 a -\n1 U 40 a x"},
			now:     []account{{ptr[int64](1), ptr("a"), ptr("x")}},
			history: []version{{ptr[int64](1), ptr("a"), nil, 10, ptr[int64](40), false}, {ptr[int64](1), ptr("a"), ptr("x"), 40, nil, true}},
		},
		{
			name:    "deletes of what is not there",
			batches: []string{"1 D 10 - -\n1 D 11 - -", "2 I 10 a x\n2 D 20 - -\n2 D 30 - -"},
			history: []version{{ptr[int64](2), ptr("a"), ptr("x"), 10, ptr[int64](20), false}},
		},
		{
			name:    "at one sequence a delete wins",
			batches: []string{"1 I 10 a x\n1 D 20 - -\n1 U 20 b x"},
			history: []version{{ptr[int64](1), ptr("a"), ptr("x"), 10, ptr[int64](20), false}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lake := medalliontest.NewLake(t)
			events := dataset.Source[change](files.In(lake.Store, "cdc/*.json"))
			now := silver.Merge("silver.accounts", []silver.Flow[account]{silver.ApplyChanges[account](events, accounts(nil))})
			history := silver.Merge("silver.history", []silver.Flow[version]{silver.ApplyChanges[version](events,
				accounts(silver.SCD2{Start: "valid_from", End: "valid_to", Current: "is_current"}))})
			for i, b := range tt.batches {
				feed(lake, i, b)
				lake.Run(now, history)
			}
			medalliontest.Want(lake, now, tt.now...)
			medalliontest.Want(lake, history, tt.history...)
			for _, tr := range lake.Run(now, history).Tables {
				if tr.Commits != 0 {
					t.Errorf("%s: got %d commits of a run without new events", tr.Name, tr.Commits)
				}
			}
		})
	}
}

func TestApplyChangesAfterALoad(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	loaded := medallion.Existing[account]("bronze.accounts")
	medalliontest.Given(lake, loaded, account{ptr[int64](1), ptr("a"), ptr("x")}, account{ptr[int64](2), ptr("a"), ptr("y")})
	events := dataset.Source[change](files.In(lake.Store, "cdc/*.json"))
	history := silver.Merge("silver.history", []silver.Flow[version]{
		silver.Once(dataset.SQL[version](`SELECT *, 5L AS valid_from, CAST(NULL AS BIGINT) AS valid_to, true AS is_current FROM a`, dataset.In("a", loaded))),
		silver.ApplyChanges[version](events, accounts(silver.SCD2{Start: "valid_from", End: "valid_to", Current: "is_current"})),
	})
	feed(lake, 0, "1 U 10 b x\n2 D 11 - -\n3 I 12 a z")
	lake.Run(history)
	medalliontest.Want(lake, history,
		version{ptr[int64](1), ptr("a"), ptr("x"), 5, ptr[int64](10), false}, version{ptr[int64](1), ptr("b"), ptr("x"), 10, nil, true},
		version{ptr[int64](2), ptr("a"), ptr("y"), 5, ptr[int64](11), false}, version{ptr[int64](3), ptr("a"), ptr("z"), 12, nil, true})
}

func TestApplyChangesRefusesNullKeys(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	events := dataset.Source[change](files.In(lake.Store, "cdc/*.json"))
	now := silver.Merge("silver.accounts", []silver.Flow[account]{silver.ApplyChanges[account](events, accounts(nil))})
	feed(lake, 0, "1 I 10 a x\n- I 11 a x")
	if _, err := lake.Pipeline.Run(t.Context(), now); err == nil || !strings.Contains(err.Error(), "key column id is NULL in 1 events") {
		t.Errorf("got error %v, want the key column that is NULL", err)
	}
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	events := dataset.Source[change](files.In(lake.Store, "cdc/*.json"))
	table := silver.Merge("silver.accounts", []silver.Flow[account]{
		silver.Upsert(dataset.SQL[account](`SELECT id, status, city FROM e`, dataset.In("e", events)), "id"),
	})
	feed(lake, 0, "1 I 1 a x\n2 I 1 a y")
	lake.Run(table)
	feed(lake, 1, "2 I 2 b y\n3 I 2 c z")
	lake.Run(table)
	medalliontest.Want(lake, table,
		account{ptr[int64](1), ptr("a"), ptr("x")}, account{ptr[int64](2), ptr("b"), ptr("y")}, account{ptr[int64](3), ptr("c"), ptr("z")})
	feed(lake, 2, "3 I 3 d z\n3 I 3 e z")
	if _, err := lake.Pipeline.Run(t.Context(), table); err == nil {
		t.Error("got no error for two rows of one key in a batch")
	}
}
