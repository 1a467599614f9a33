package flow

import (
	"strconv"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/quality"
)

// Decide refuses the commit with a *quality.FailedError when a Fail rule was violated, or else a table-level check that fails does not hold. checks runs the
// table's checks on the table as the commit would leave it, once all rules hold.
func (j *Job) Decide(res *engine.Result, checks func() ([]engine.CheckResult, error)) (err error) {
	failed := &quality.FailedError{Table: j.Table.Ident}
	for _, c := range res.Rules {
		if c.Action == plan.Fail && c.Failed > 0 {
			failed.Failures = append(failed.Failures, quality.Failure{Name: c.Name, Text: j.ruleText(c.Name), Failed: c.Failed})
		}
	}
	if len(failed.Failures) > 0 {
		return failed
	}
	if len(j.Table.Checks) == 0 {
		return nil
	}
	if res.Checks, err = checks(); err != nil {
		return err
	}
	for _, c := range res.Checks {
		if !c.Passed && c.Action == plan.Fail {
			failed.Failures = append(failed.Failures, quality.Failure{Name: c.Name, Text: c.Text, Failed: c.Violated})
		}
	}
	if len(failed.Failures) > 0 {
		return failed
	}
	return nil
}

// CheckOutcome is a table-level check's result.
func CheckOutcome(c plan.TableCheck, violated int64) engine.CheckResult {
	return engine.CheckResult{Name: c.Name, Action: c.Action, Passed: violated == 0, Violated: violated, Text: c.Text}
}

func (j *Job) ruleText(name string) string {
	for _, c := range plan.Checks(j.Query) {
		for _, r := range c.Rules {
			if r.Name == name {
				return r.SQL
			}
		}
	}
	return strconv.Quote(name)
}
