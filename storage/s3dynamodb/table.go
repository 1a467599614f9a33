package s3dynamodb

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The attributes of an entry, as Delta's log store has them.
const (
	tablePathAttribute = "tablePath" // the partition key
	fileNameAttribute  = "fileName"  // the sort key
	tempPathAttribute  = "tempPath"
	completeAttribute  = "complete" // "true" or "false", as text
	expiresAttribute   = "expireTime"
)

// entry is one commit in DynamoDB.
type entry struct {
	tablePath string
	fileName  string // 00000000000000000007.json
	tempPath  string // of the temporary object, relative to the log's folder
	complete  bool   // the commit is there under its name
	expires   int64  // seconds since the epoch; 0: not yet
}

// ledger holds entries.
type ledger interface {
	// get gives an entry, nil where there is none.
	get(ctx context.Context, tablePath, fileName string) (*entry, error)
	// newest gives the entry of a table whose name is the last, nil where there is none.
	newest(ctx context.Context, tablePath string) (*entry, error)
	// putIfAbsent puts an entry that is not there; any error leaves open whether it is there now, and whose.
	putIfAbsent(ctx context.Context, e *entry) error
	put(ctx context.Context, e *entry) error
}

// table is the ledger in DynamoDB.
type table struct {
	client *dynamodb.Client
	name   string
}

func (t *table) get(ctx context.Context, tablePath, fileName string) (*entry, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{tablePathAttribute: text(tablePath), fileNameAttribute: text(fileName)},
	})
	if err != nil {
		return nil, t.failed("read the entry of "+tablePath+" "+fileName, err)
	}
	if len(out.Item) == 0 {
		return nil, nil
	}
	return entryOf(out.Item)
}

func (t *table) newest(ctx context.Context, tablePath string) (*entry, error) {
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(1),
		KeyConditionExpression:    aws.String(tablePathAttribute + " = :p"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": text(tablePath)},
	})
	if err != nil {
		return nil, t.failed("read the newest entry of "+tablePath, err)
	}
	if len(out.Items) == 0 {
		return nil, nil
	}
	return entryOf(out.Items[0])
}

func (t *table) putIfAbsent(ctx context.Context, e *entry) error {
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: e.item(), ConditionExpression: aws.String("attribute_not_exists(" + fileNameAttribute + ")"),
	})
	return t.failed("write the entry of "+e.tablePath+" "+e.fileName, err)
}

func (t *table) put(ctx context.Context, e *entry) error {
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: e.item()})
	return t.failed("write the entry of "+e.tablePath+" "+e.fileName, err)
}

func (t *table) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("DynamoDB table %s: %s: %w", t.name, what, err)
}

// CreateTable makes the DynamoDB table of the entries, billed by request, and waits until it can be used. A table that is there is left as it is.
func CreateTable(ctx context.Context, client *dynamodb.Client, name string) error {
	if name == "" {
		name = defaultTable
	}
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(tablePathAttribute), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(fileNameAttribute), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(tablePathAttribute), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(fileNameAttribute), KeyType: types.KeyTypeRange},
		},
	})
	if _, there := errors.AsType[*types.ResourceInUseException](err); err != nil && !there {
		return fmt.Errorf("s3dynamodb: create the DynamoDB table %s: %w", name, err)
	}
	if err := dynamodb.NewTableExistsWaiter(client).Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, 5*time.Minute); err != nil {
		return fmt.Errorf("s3dynamodb: the DynamoDB table %s: %w", name, err)
	}
	return nil
}

func (e *entry) item() map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{
		tablePathAttribute: text(e.tablePath), fileNameAttribute: text(e.fileName), tempPathAttribute: text(e.tempPath), completeAttribute: text(strconv.FormatBool(e.complete)),
	}
	if e.expires != 0 {
		item[expiresAttribute] = &types.AttributeValueMemberN{Value: strconv.FormatInt(e.expires, 10)}
	}
	return item
}

func entryOf(item map[string]types.AttributeValue) (*entry, error) {
	e := &entry{tablePath: textOf(item[tablePathAttribute]), fileName: textOf(item[fileNameAttribute]), tempPath: textOf(item[tempPathAttribute])}
	e.complete = textOf(item[completeAttribute]) == "true"
	if n, ok := item[expiresAttribute].(*types.AttributeValueMemberN); ok {
		seconds, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the entry of %s %s: expireTime is %q", e.tablePath, e.fileName, n.Value)
		}
		e.expires = seconds
	}
	return e, nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func textOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
