package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
)

// Generated rows take about generatedBytes each in memory, and come in splits and batches of so many.
const (
	generatedBytes  = 100
	rowsPerSplit    = 1 << 20
	rowsPerBatch    = 32 << 10
	generatedGroups = 4 // rows of a key, on average
)

// generated is a source of rows that are made as they are read: nothing lies on a disk.
type generated struct{ rows int64 }

var _ source.Source = generated{}

func (g generated) Name() string { return "generated rows" }

func (g generated) Schema(context.Context) (*arrow.Schema, error) {
	return schema.ParseDDL("k BIGINT NOT NULL, id STRING NOT NULL, a BIGINT NOT NULL, b DOUBLE NOT NULL, kind STRING NOT NULL")
}

func (g generated) Plan(context.Context, source.Offset, source.Limits) (source.Batch, error) {
	b := source.Batch{Until: source.Offset(`0`), Work: json.RawMessage(`0`), Bytes: g.rows * generatedBytes}
	for from := int64(0); from < g.rows; from += rowsPerSplit {
		b.Splits = append(b.Splits, generatedSplit{from, min(from+rowsPerSplit, g.rows), g.rows})
	}
	return b, nil
}

func (g generated) Replan(ctx context.Context, _ source.Offset, _ json.RawMessage) (source.Batch, error) {
	return g.Plan(ctx, nil, source.Limits{})
}

// generatedSplit is rows from … to-1 of all.
type generatedSplit struct{ from, to, all int64 }

func (s generatedSplit) Read(ctx context.Context, _ []string, yield func(arrow.RecordBatch) error) (source.Counts, error) {
	rows, err := generated{}.Schema(ctx)
	if err != nil {
		return source.Counts{}, err
	}
	random := rand.New(rand.NewPCG(uint64(s.from), 1))
	for from := s.from; from < s.to; from += rowsPerBatch {
		rec := s.batch(rows, random, int(min(rowsPerBatch, s.to-from)))
		err := yield(rec)
		rec.Release()
		if err != nil {
			return source.Counts{}, err
		}
	}
	return source.Counts{Rows: s.to - s.from, Bytes: (s.to - s.from) * generatedBytes}, nil
}

func (s generatedSplit) batch(rows *arrow.Schema, random *rand.Rand, n int) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, rows)
	defer b.Release()
	b.Reserve(n)
	k, id, a := b.Field(0).(*array.Int64Builder), b.Field(1).(*array.StringBuilder), b.Field(2).(*array.Int64Builder)
	f, kind := b.Field(3).(*array.Float64Builder), b.Field(4).(*array.StringBuilder)
	var raw [16]byte
	var text [32]byte
	for range n {
		binary.LittleEndian.PutUint64(raw[:], random.Uint64())
		binary.LittleEndian.PutUint64(raw[8:], random.Uint64())
		hex.Encode(text[:], raw[:])
		k.Append(random.Int64N(s.all/generatedGroups + 1))
		id.Append(string(text[:]))
		a.Append(int64(raw[0]))
		f.Append(random.Float64())
		kind.Append("kind " + string(text[:7]))
	}
	return b.NewRecordBatch()
}

// spillSteps are an aggregate with a group for every few rows and a sort by a random text, over generated rows of so many bytes.
func (b *bench) spillSteps() map[string]step {
	rows := b.generate << 20 / generatedBytes
	raw := dataset.In("g", dataset.Source[medallion.Row](generated{rows}))
	return map[string]step{
		"spill_aggregate": {nothing, func(ctx context.Context) (outcome, error) {
			return b.spill(ctx, rows, `SELECT k, count(*) AS n, sum(a) AS a, max(b) AS b, min(id) AS id FROM g GROUP BY k`, raw, summed)
		}},
		"spill_sort": {nothing, func(ctx context.Context) (outcome, error) {
			return b.spill(ctx, rows, `SELECT id, k, a, b, kind FROM g ORDER BY id, k`, raw, inOrder)
		}},
	}
}

// spill runs a query; check counts the rows that a batch of the result stands for, and sees that they may follow what came before.
func (b *bench) spill(ctx context.Context, rows int64, query string, in dataset.Input, check func() func(arrow.RecordBatch) (int64, error)) (outcome, error) {
	b.pipeline.Engines = b.engines("")
	_, batches, err := b.pipeline.Query(ctx, dataset.SQL[medallion.Row](query, in))
	if err != nil {
		return outcome{}, err
	}
	out, stands, checked := outcome{extra: map[string]any{"generated_mb": b.generate}}, int64(0), check()
	for rec, err := range batches {
		if err != nil {
			return outcome{}, err
		}
		n, err := checked(rec)
		if err != nil {
			return outcome{}, err
		}
		out.rows += rec.NumRows()
		stands += n
	}
	if stands != rows {
		return outcome{}, fmt.Errorf("the result stands for %d of %d rows", stands, rows)
	}
	return out, nil
}

// summed counts by the column n.
func summed() func(arrow.RecordBatch) (int64, error) {
	return func(rec arrow.RecordBatch) (n int64, err error) {
		for _, v := range rec.Column(1).(*array.Int64).Int64Values() {
			n += v
		}
		return n, nil
	}
}

// inOrder counts rows whose first column rises.
func inOrder() func(arrow.RecordBatch) (int64, error) {
	last := ""
	return func(rec arrow.RecordBatch) (int64, error) {
		ids := rec.Column(0).(*array.String)
		for i := range ids.Len() {
			if id := ids.Value(i); id < last {
				return 0, fmt.Errorf("%s stands behind %s", id, last)
			}
			last = ids.Value(i)
		}
		last = string([]byte(last)) // the batch's memory is only borrowed
		return rec.NumRows(), nil
	}
}
