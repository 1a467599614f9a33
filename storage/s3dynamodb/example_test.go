package s3dynamodb_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/s3"
	"github.com/medallion-go/medallion/storage/s3dynamodb"
)

// A table that Spark writes too, with spark.delta.logStore.s3a.impl = io.delta.storage.S3DynamoDBLogStore.
func ExampleNew() {
	ctx := context.Background()
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	bucket, err := s3.New(s3.Config{Bucket: "lake", AWS: &c})
	if err != nil {
		fmt.Println(err)
		return
	}
	store, err := s3dynamodb.New(s3dynamodb.Config{Store: bucket, Location: "s3a://lake", Client: dynamodb.NewFromConfig(c)})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := delta.Open(store, "silver/orders", delta.Config{}).Snapshot(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Version())
}
