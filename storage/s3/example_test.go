package s3_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/s3"
)

// A program on AWS passes what config.LoadDefaultConfig returns as Config.AWS instead of region and credentials.
func ExampleNew() {
	lake, err := s3.New(s3.Config{
		Bucket:      "acme-lake",
		Prefix:      "prod",
		Region:      "eu-central-1",
		Credentials: credentials.NewStaticCredentialsProvider("key id", "secret", ""),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lake.URL("silver/orders/_delta_log/00000000000000000000.json"))
	// Output: s3://acme-lake/prod/silver/orders/_delta_log/00000000000000000000.json
}

// A commit is one conditional write. Only ErrExists says that another writer has taken the version.
func ExampleStore_PutIfAbsent() {
	commit := func(ctx context.Context, lake *s3.Store, key string, actions []byte) string {
		switch err := lake.PutIfAbsent(ctx, key, actions); {
		case err == nil:
			return "committed"
		case errors.Is(err, storage.ErrExists):
			return "taken: read it, rebase, try the next version"
		case errors.Is(err, storage.ErrUndecided):
			return "unknown: read the version and look for our transaction"
		default:
			return "failed, with nothing written: " + err.Error()
		}
	}
	lake, err := s3.New(s3.Config{Bucket: "acme-lake", Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("", "", "")})
	if err != nil {
		fmt.Println(err)
		return
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(commit(ended, lake, "orders/_delta_log/00000000000000000000.json", []byte("{}")))
	// Output: failed, with nothing written: s3: put s3://acme-lake/orders/_delta_log/00000000000000000000.json: context canceled
}
