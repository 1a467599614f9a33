package flow

import (
	"encoding/json"
	"strconv"

	"github.com/medallion-go/medallion/engine"
)

// What a table says of the batches that it holds. An engine that writes the log itself puts txn{appId: flow, version: batch} into the commit that holds the
// rows. One that writes through SQL cannot: it sets the table property PropertyPrefix+flow after that commit, which may be run twice for it. Readers take the
// higher of the two.
const (
	// PropertyPrefix and a flow's ID are the table property that holds the number of the flow's last batch.
	PropertyPrefix = "medallion.flow."
	// InfoPrefix and a flow's ID are the table property that holds what that batch counted, as JSON (see Info).
	InfoPrefix = "medallion.info."
	// CommitInfoKey is the member of commitInfo that holds the same, where the engine writes the log itself. It is there if and only if the rows are.
	CommitInfoKey = "medallion"
)

// The stamps by which a batch's rows are found again in a quarantine; in one that several flows share, both.
const (
	QuarantineBatch  = "_batch"
	QuarantineSource = "_source"
)

// LastNumbers are the last batch of the flow whose rows the table holds, and the last that has ended, done or given up; -1 for none.
func (j *Job) LastNumbers() (done, ended int64) {
	if j.Snapshot == nil {
		return -1, -1
	}
	ended, ok := j.Snapshot.Txn(j.Flow.ID)
	if !ok {
		ended = -1
	}
	if n := j.property(); n > ended {
		return n, n
	}
	if n, ok := j.Snapshot.Txn(j.Flow.ID + givenUpSuffix); !ok || n != ended {
		return ended, ended
	}
	if done, ok = j.Snapshot.Txn(j.Flow.ID + doneSuffix); !ok {
		done = -1
	}
	return done, ended
}

// property is the number that the table's property holds, or -1.
func (j *Job) property() int64 {
	n, err := strconv.ParseInt(j.Snapshot.Metadata().Configuration[PropertyPrefix+j.Flow.ID], 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// info is what a commit says of the batch that made it.
type info struct {
	Flow        string             `json:"flow"`
	Batch       int64              `json:"batch"`
	RunID       string             `json:"run"`
	Mode        string             `json:"mode"`
	RowsIn      int64              `json:"rows_in"`
	RowsOut     int64              `json:"rows_out"`
	Dropped     int64              `json:"dropped_records"`
	Quarantined int64              `json:"quarantined_records"`
	Corrupt     int64              `json:"corrupt_records"`
	Rescued     int64              `json:"rescued_records"`
	Rules       []engine.RuleCount `json:"expectations"`
}

// Info is what the batch counted, as JSON.
func (j *Job) Info(res engine.Result) ([]byte, error) {
	return json.Marshal(info{
		Flow: j.Flow.ID, Batch: j.Batch.Number, RunID: j.ID, Mode: res.Mode, RowsIn: res.RowsIn, RowsOut: res.RowsOut, Dropped: res.Dropped,
		Quarantined: res.Quarantined, Corrupt: res.Corrupt, Rescued: res.Rescued, Rules: res.Rules,
	})
}
