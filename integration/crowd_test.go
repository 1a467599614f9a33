//go:build integration

package integration

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/s3dynamodb"
)

// member is a row that one of many writers adds.
type member struct {
	ID     int64
	Writer int64
}

// TestCrowdOnS3 has ten writers on one table in a bucket: by conditional writes on each server, and by entries in DynamoDB. One of them loses an answer.
func TestCrowdOnS3(t *testing.T) {
	t.Parallel()
	for name, server := range shared.servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crowd(t, server.bucket(t, "crowd-"+name))
		})
	}
	t.Run("DynamoDB", func(t *testing.T) {
		t.Parallel()
		moto := shared.servers["moto"]
		client := dynamodb.New(dynamodb.Options{
			BaseEndpoint: &moto.endpoint, Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""), Region: "us-east-1",
		})
		if err := s3dynamodb.CreateTable(t.Context(), client, ""); err != nil {
			t.Fatal(err)
		}
		store, err := s3dynamodb.New(s3dynamodb.Config{Store: moto.bucket(t, "crowd-dynamodb"), Location: "s3a://crowd-dynamodb", Client: client})
		if err != nil {
			t.Fatal(err)
		}
		crowd(t, store)
	})
}

// crowd has each of ten writers add rows and take some of its own away again.
func crowd(t *testing.T, store storage.Store) {
	s, err := schema.Of[member]()
	if err != nil {
		t.Fatal(err)
	}
	properties := map[string]string{"delta.enableDeletionVectors": "true", "delta.checkpointInterval": "5"}
	if _, err := delta.Open(store, "t", delta.Config{}).Create(t.Context(), delta.Definition{Schema: s, PartitionBy: []string{"writer"}, Properties: properties}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for w := range int64(10) {
		all.Go(func() {
			own := store
			if w == 0 {
				own = faultstore.New(store, faultstore.Fault{At: 2, Of: faultstore.Put, Effect: faultstore.After})
			}
			table := delta.Open(own, "t", delta.Config{Retries: 1000})
			rows := members(t, member{w * 10, w}, member{w*10 + 1, w}, member{w*10 + 2, w})
			for _, do := range []func() error{
				func() error {
					_, err := table.Append(t.Context(), rows, delta.WriteOptions{})
					return err
				},
				func() error {
					_, err := table.Delete(t.Context(), fmt.Sprintf("writer = %d AND id %% 10 = 1", w), delta.WriteOptions{})
					return err
				},
			} {
				err := do()
				for errors.Is(err, &delta.ConflictError{}) {
					err = do()
				}
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	all.Wait()
	var want []int64
	for w := range int64(10) {
		want = append(want, w*10, w*10+2)
	}
	if diff := cmp.Diff(want, memberIDs(t, delta.Open(store, "t", delta.Config{}))); diff != "" {
		t.Errorf("IDs (-want +got):\n%s", diff)
	}
	if violations, err := check.Table(t.Context(), store, "t", check.Options{Deep: true}); err != nil || len(violations) > 0 {
		t.Errorf("check = %v, %v", violations, err)
	}
}

func members(t *testing.T, rows ...member) exec.Source {
	t.Helper()
	s, err := schema.Of[member]()
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[member](s)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := codec.Encode(memory.DefaultAllocator, rows)
	if err != nil {
		t.Fatal(err)
	}
	return exec.NewBatches(rec.Schema(), rec)
}

// memberIDs are the rows' IDs, in order.
func memberIDs(t *testing.T, table *delta.Table) []int64 {
	t.Helper()
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	scan, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		t.Fatal(err)
	}
	codec, err := schema.NewCodec[member](s.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		rows, err := codec.Decode(rec, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
