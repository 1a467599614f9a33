package databricks_test

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// fields is a Thrift struct to be written: bool, int32, int64, string, []byte, fields and []fields by field number.
type fields map[int16]any

// reply is the answer to a request in Thrift's binary protocol: the request's name and number, and the result.
func reply(request []byte, result fields) []byte {
	out := binary.BigEndian.AppendUint32(nil, 0x80010002)
	name := binary.BigEndian.Uint32(request[4:])
	return appendFields(append(out, request[4:8+name+4]...), fields{0: result})
}

func appendText(out []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint32(out, uint32(len(text))), text...)
}

func appendFields(out []byte, f fields) []byte {
	var ids []int16
	for id, v := range f {
		if v != nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		out = append(out, kindOf(f[id]))
		out = binary.BigEndian.AppendUint16(out, uint16(id))
		out = appendValue(out, f[id])
	}
	return append(out, 0)
}

func kindOf(v any) byte {
	switch v.(type) {
	case bool:
		return 2
	case int32:
		return 8
	case int64:
		return 10
	case fields:
		return 12
	case []fields:
		return 15
	default:
		return 11
	}
}

func appendValue(out []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(out, 1)
		}
		return append(out, 0)
	case int32:
		return binary.BigEndian.AppendUint32(out, uint32(v))
	case int64:
		return binary.BigEndian.AppendUint64(out, uint64(v))
	case fields:
		return appendFields(out, v)
	case []fields:
		out = binary.BigEndian.AppendUint32(append(out, 12), uint32(len(v)))
		for _, f := range v {
			out = appendFields(out, f)
		}
		return out
	case []byte:
		return appendText(out, string(v))
	default:
		return appendText(out, v.(string))
	}
}

// methodOf is the name of the call in a request.
func methodOf(request []byte) string {
	n := binary.BigEndian.Uint32(request[4:])
	return string(request[8 : 8+n])
}

// encoded is a batch as an IPC stream, in its three parts: schema, batch, end.
func encoded(rec arrow.RecordBatch) (schema, batch, end []byte) {
	end = []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}
	schema = bytes.TrimSuffix(stream(rec.Schema()), end)
	batch = bytes.TrimSuffix(stream(rec.Schema(), rec), end)[len(schema):]
	return schema, batch, end
}

func stream(s *arrow.Schema, recs ...arrow.RecordBatch) []byte {
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(s))
	for _, rec := range recs {
		if err := w.Write(rec); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}
