package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// request is a line that --batch reads.
type request struct {
	ID  json.RawMessage `json:"id"`
	SQL *string         `json:"sql"`
}

// serveBatch answers one line of JSON after the other until there are no more. A statement's error is its answer; only a broken stream ends the service.
func serveBatch(ctx context.Context, db *database, in io.Reader, out *bufio.Writer) error {
	lines := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if _, err := out.Write(append(reply(ctx, db, line), '\n')); err != nil {
				return err
			}
			if err := out.Flush(); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
	}
}

func reply(ctx context.Context, db *database, line []byte) []byte {
	r := request{}
	err := json.Unmarshal(line, &r)
	if len(r.ID) == 0 {
		r.ID = json.RawMessage("null")
	}
	if err != nil || r.SQL == nil {
		return refused(r.ID, &expr.Error{Class: "INVALID_REQUEST", SQLState: "08P01", Message: `a request is one line of JSON: {"id": …, "sql": "…"}`})
	}
	rows, err := replyRows(ctx, db, r)
	if err != nil {
		return refused(r.ID, err)
	}
	return rows
}

// replyRows is the whole answer to a statement, or its error: an answer is never half a one.
func replyRows(ctx context.Context, db *database, r request) ([]byte, error) {
	a, err := db.run(ctx, *r.SQL)
	if err != nil {
		return nil, err
	}
	b := append(append([]byte(`{"id":`), r.ID...), `,"columns":[`...)
	for i, f := range a.schema.Fields() {
		if i > 0 {
			b = append(b, ',')
		}
		b = schema.AppendQuoted(append(b, `{"name":`...), f.Name)
		b = append(schema.AppendQuoted(append(b, `,"type":`...), schema.Name(f.Type)), '}')
	}
	b = append(b, `],"rows":[`...)
	rows := 0
	for rec, err := range a.rows {
		if err != nil {
			return nil, err
		}
		for row := range int(rec.NumRows()) {
			if rows++; rows > 1 {
				b = append(b, ',')
			}
			b = append(b, '[')
			for i, c := range rec.Columns() {
				if i > 0 {
					b = append(b, ',')
				}
				b = schema.AppendJSON(b, c, row)
			}
			b = append(b, ']')
		}
	}
	return append(b, `]}`...), nil
}

// refused is the answer to a statement that failed. What has no class of its own, such as a file that cannot be read, is an INTERNAL_ERROR.
func refused(id json.RawMessage, err error) []byte {
	class, state := "INTERNAL_ERROR", "XX000"
	var e *expr.Error
	if errors.As(err, &e) {
		class, state = e.Class, e.SQLState
	}
	b := append(append([]byte(`{"id":`), id...), `,"error":`...)
	b = append(schema.AppendQuoted(b, class), `,"sqlstate":`...)
	b = append(schema.AppendQuoted(b, state), `,"message":`...)
	return append(schema.AppendQuoted(b, err.Error()), '}')
}
