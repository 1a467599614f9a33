// Package schematest gives tests the schemas that they read and write.
package schematest

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// DDL is the schema of Spark's DDL, such as "id BIGINT NOT NULL, day DATE".
func DDL(t testing.TB, text string) *arrow.Schema {
	t.Helper()
	s, err := schema.ParseDDL(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
