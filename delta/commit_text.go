package delta

import (
	"maps"
	"slices"
	"strconv"

	"github.com/medallion-go/medallion/schema"
)

// encode writes the commit's text, commitInfo first.
func (c *commit) encode() []byte {
	tx := c.tx
	dst := append(c.appendInfo(nil), '\n')
	if c.protocol != nil {
		dst = append(appendProtocol(append(dst, `{"protocol":`...), c.protocol), "}\n"...)
	}
	if c.metadata != nil {
		dst = append(appendMetadata(append(dst, `{"metaData":`...), c.metadata.Metadata), "}\n"...)
	}
	for _, t := range tx.txns {
		dst = append(appendTxn(append(dst, `{"txn":`...), t), "}\n"...)
	}
	for _, d := range c.domains {
		dst = append(appendDomain(append(dst, `{"domainMetadata":`...), d), "}\n"...)
	}
	for _, t := range c.removes {
		dst = appendRemove(dst, t)
	}
	for _, f := range c.adds {
		dst = appendAdd(dst, f)
	}
	for _, f := range tx.changes {
		dst = appendChange(dst, f)
	}
	return dst
}

func (c *commit) appendInfo(dst []byte) []byte {
	tx := c.tx
	dst = append(dst, `{"commitInfo":{`...)
	if c.committed != 0 {
		dst = append(strconv.AppendInt(append(dst, `"inCommitTimestamp":`...), c.committed, 10), ',')
	}
	dst = strconv.AppendInt(append(dst, `"timestamp":`...), c.at, 10)
	dst = schema.AppendQuoted(append(dst, `,"operation":`...), tx.op.Name)
	dst = appendStringMap(append(dst, `,"operationParameters":`...), tx.op.Parameters)
	if tx.base != nil {
		dst = append(dst, `,"readVersion":`...)
		dst = strconv.AppendInt(dst, tx.base.version, 10)
	}
	dst = schema.AppendQuoted(append(dst, `,"isolationLevel":`...), c.isolation())
	dst = append(dst, `,"isBlindAppend":`...)
	dst = strconv.AppendBool(dst, !c.reads() && len(c.removes) == 0 && !tx.op.Rearranges)
	dst = append(dst, `,"operationMetrics":`...)
	dst = appendMetrics(dst, tx.metrics)
	dst = schema.AppendQuoted(append(dst, `,"engineInfo":`...), tx.table.config.EngineInfo)
	dst = schema.AppendQuoted(append(dst, `,"txnId":`...), tx.id)
	if _, m := c.outcome(); m.tracksRows() {
		dst = strconv.AppendBool(append(dst, `,"tags":{"`+rowTrackingTag+`":"`...), c.preserves)
		dst = append(dst, `"}`...)
	}
	for _, k := range slices.Sorted(maps.Keys(tx.info)) {
		dst = append(schema.AppendQuoted(append(dst, ','), k), ':')
		dst = append(dst, tx.info[k]...)
	}
	return append(dst, "}}"...)
}

// appendMetrics writes numbers as text, as Spark does.
func appendMetrics(dst []byte, metrics map[string]int64) []byte {
	dst = append(dst, '{')
	for i, k := range slices.Sorted(maps.Keys(metrics)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(schema.AppendQuoted(dst, k), `:"`...)
		dst = append(strconv.AppendInt(dst, metrics[k], 10), '"')
	}
	return append(dst, '}')
}
