package medallion_test

import (
	"strings"
	"testing"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/medalliontest"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
	"github.com/medallion-go/medallion/udf"
)

// TestFunctionsEverywhere calls functions in Go wherever a pipeline takes SQL: queries, rules, keys, orders, changes and checks; and a table that is an aggregate
// in Go over what arrives is kept equal to its query.
func TestFunctionsEverywhere(t *testing.T) {
	t.Parallel()
	lake := medalliontest.NewLake(t)
	lake.Pipeline.Functions = []udf.Function{
		udf.Scalar1("clean", func(s string) (string, error) { return strings.ToLower(strings.TrimSpace(s)), nil }),
		udf.Scalar1("is_mail", func(s *string) (bool, error) { return s != nil && strings.Contains(*s, "@"), nil }),
		udf.Aggregate1("longest", udf.Fold[string, string, string]{
			Add:    func(s *string, v string) error { *s = longer(*s, v); return nil },
			Merge:  func(s *string, o string) error { *s = longer(*s, o); return nil },
			Result: func(s string) (string, error) { return s, nil },
		}),
	}
	type event struct {
		Mail string
		Seq  *int64
		Gone *string
	}
	type landed struct {
		Mail    *string
		Seq     *int64
		Gone    *string
		Rescued *string `delta:"_rescued_data"`
	}
	type person struct {
		Mail string
		Seq  *int64
	}
	type widest struct{ Mail string }

	raw := bronze.Append("bronze.events", quality.Check(
		dataset.SQL[event]("SELECT clean(mail) AS mail, seq, gone FROM landing",
			dataset.In("landing", dataset.Source[landed](files.In(lake.Store, "landing/*.json")))),
		quality.Drop("mail", "is_mail(mail)"), quality.Drop("present", "mail IS NOT NULL")))
	people := silver.Merge("silver.people", []silver.Flow[person]{silver.ApplyChanges[person](raw, silver.Changes{
		Keys: []string{"mail"}, SequenceBy: "seq", DeleteWhen: "clean(gone) = 'yes'",
	})})
	latest := silver.Table("silver.latest", dataset.SQL[person]("SELECT coalesce(mail, '') AS mail, seq FROM e", dataset.In("e", dataset.Latest(raw, "clean(mail)", "seq"))),
		medallion.Expect(quality.Mostly("mails", "is_mail(mail)", 1)))
	top := gold.Table("gold.widest", dataset.SQL[widest]("SELECT longest(mail) AS mail FROM e", dataset.In("e", raw)))

	lake.File("landing/1.json", `{"mail":" A@x ","seq":1}
{"mail":"bb@x","seq":1,"gone":" YES"}
{"mail":"nobody","seq":1}
`)
	lake.Run(people, latest, top)
	lake.File("landing/2.json", `{"mail":"a@X","seq":2}
{"mail":"ccc@x","seq":1}
`)
	lake.Run(people, latest, top)
	one, two := int64(1), int64(2)
	medalliontest.Want(lake, people, person{"a@x", &two}, person{"ccc@x", &one})
	medalliontest.Want(lake, latest, person{"a@x", &two}, person{"bb@x", &one}, person{"ccc@x", &one})
	medalliontest.Want(lake, top, widest{"ccc@x"})
}

func longer(a, b string) string {
	if len(b) > len(a) {
		return b
	}
	return a
}
