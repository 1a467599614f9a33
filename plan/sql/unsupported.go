package sql

import "strings"

// notHere are Databricks' statements that are not here, by the word that they begin with, and what to do instead.
var notHere = map[string]string{
	"ANALYZE":  "tables keep their statistics as they are written",
	"BEGIN":    "scripts are statements with semicolons between them",
	"CACHE":    "a view that a pipeline declares is computed once",
	"CALL":     "",
	"CLEAR":    "",
	"COMMENT":  "comments are declared in CREATE TABLE, and columns' by ALTER TABLE … ALTER COLUMN … COMMENT",
	"COPY":     "read the files in a query, as in INSERT INTO t SELECT * FROM csv.`folder`; a pipeline's bronze.Ingest reads each file once",
	"DECLARE":  "write :name, and give its value by --param or dataset.Arg",
	"DENY":     "",
	"DROP":     "a table is a folder: remove that; DROP VIEW drops a temporary view",
	"EXECUTE":  "run the text itself",
	"GRANT":    "",
	"LIST":     "",
	"LOAD":     "read the files in a query, as in INSERT INTO t SELECT * FROM csv.`folder`",
	"MSCK":     "a table's log knows its partitions; FSCK REPAIR TABLE takes out files that are gone",
	"REFRESH":  "each statement reads tables as they are",
	"RESET":    "",
	"REVOKE":   "",
	"SET":      "the session's zone is UTC, ANSI mode is on, and there is nothing else to set; write :name for a value, given by --param or dataset.Arg",
	"SHOW":     "there are SHOW TABLES, VIEWS, COLUMNS, PARTITIONS and TBLPROPERTIES; DESCRIBE DETAIL t tells of a table's files, DESCRIBE HISTORY t its versions",
	"SYNC":     "",
	"UNCACHE":  "",
	"UNDROP":   "",
	"UNSET":    "",
	"USE":      "name tables by their paths, as in delta.`folder`, or by --table",
	"TRUNCATE": "write TRUNCATE TABLE t, or DELETE FROM t",
}

// refuseStatement fails for a statement that is known and not here.
func (p *parser) refuseStatement() error {
	t := p.Peek()
	word := strings.ToUpper(t.Text)
	hint, known := notHere[word]
	if !known || !t.Is(word) {
		return nil
	}
	err := p.Unsupported(t, "the statement "+word)
	err.Hint = hint
	return err
}
