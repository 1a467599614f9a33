// Package deps pins the modules that the packages still to come need.
package deps

import (
	_ "github.com/apache/arrow-go/v18/arrow/array"
	_ "github.com/apache/arrow-go/v18/arrow/decimal128"
	_ "github.com/apache/arrow-go/v18/arrow/ipc"
	_ "github.com/apache/arrow-go/v18/arrow/memory"
	_ "github.com/apache/arrow-go/v18/parquet/pqarrow"
	_ "github.com/aws/aws-sdk-go-v2/aws"
	_ "github.com/aws/aws-sdk-go-v2/config"
	_ "github.com/aws/aws-sdk-go-v2/credentials"
	_ "github.com/aws/aws-sdk-go-v2/service/s3"
	_ "github.com/cespare/xxhash/v2"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/google/uuid"
	_ "github.com/klauspost/compress/gzip"
	_ "github.com/klauspost/compress/s2"
	_ "github.com/klauspost/compress/zstd"
	_ "github.com/parquet-go/parquet-go"
	_ "github.com/parquet-go/parquet-go/bloom"
	_ "github.com/parquet-go/parquet-go/encoding/delta"
	_ "github.com/parquet-go/parquet-go/encoding/plain"
	_ "github.com/parquet-go/parquet-go/encoding/rle"
	_ "github.com/parquet-go/parquet-go/encoding/thrift"
	_ "github.com/parquet-go/parquet-go/format"
	_ "go.uber.org/goleak"
	_ "golang.org/x/sync/errgroup"
)
