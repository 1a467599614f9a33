//go:build integration

package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/s3dynamodb"
)

// logStoreVariable names a folder with the jars of Delta's S3DynamoDBLogStore and what it needs, by which Spark writes tables on S3 (see logstore/README.md).
const logStoreVariable = "MEDALLION_TEST_LOGSTORE"

// beside is a table in a bucket that somebody else and we write, each by a log store with entries in DynamoDB.
type beside struct {
	t      *testing.T
	name   string // of the bucket
	bucket storage.Store
	client *dynamodb.Client
	table  *delta.Table
	other  otherWriter
	ids    []int64 // of the rows that should be there
}

// otherWriter is who writes the table besides.
type otherWriter interface {
	add(id int64) error
	ids() ([]int64, error)
	// stop adds a row and has the writer come no further than to the commit's entry, until it goes on.
	stop(id int64)
	goOn()
}

func newBeside(t *testing.T, name string) *beside {
	t.Helper()
	moto := shared.servers["moto"]
	b := &beside{t: t, name: name, bucket: moto.bucket(t, name)}
	b.client = dynamodb.New(dynamodb.Options{
		BaseEndpoint: &moto.endpoint, Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""), Region: "us-east-1",
	})
	if err := s3dynamodb.CreateTable(t.Context(), b.client, b.log()); err != nil {
		t.Fatal(err)
	}
	b.table = delta.Open(b.over(b.bucket), "t", delta.Config{Retries: 100})
	return b
}

// path is the table's, as Spark has it, and log the name of the table of its entries.
func (b *beside) path() string { return "s3a://" + b.name + "/t" }

func (b *beside) log() string { return b.name + "_log" }

// over is our log store over a bucket.
func (b *beside) over(bucket storage.Store) storage.Store {
	b.t.Helper()
	store, err := s3dynamodb.New(s3dynamodb.Config{Store: bucket, Location: "s3a://" + b.name, Client: b.client, Table: b.log()})
	if err != nil {
		b.t.Fatal(err)
	}
	return store
}

// byOther has the other writer add a row.
func (b *beside) byOther(id int64) {
	b.t.Helper()
	b.ids = append(b.ids, id)
	if err := b.other.add(id); err != nil {
		b.t.Fatal(err)
	}
}

// byUs adds a row.
func (b *beside) byUs(table *delta.Table, id int64) {
	b.t.Helper()
	b.ids = append(b.ids, id)
	if _, err := table.Append(b.t.Context(), members(b.t, member{id, 0}), delta.WriteOptions{}); err != nil {
		b.t.Fatal(err)
	}
}

// compare has both read the table.
func (b *beside) compare(what string) {
	b.t.Helper()
	slices.Sort(b.ids)
	if diff := cmp.Diff(b.ids, memberIDs(b.t, b.table)); diff != "" {
		b.t.Errorf("%s: IDs by us (-want +got):\n%s", what, diff)
	}
	got, err := b.other.ids()
	if diff := cmp.Diff(b.ids, got); diff != "" || err != nil {
		b.t.Errorf("%s: IDs by the other, %v (-want +got):\n%s", what, err, diff)
	}
}

// entries are those of the commits, by version.
func (b *beside) entries() []map[string]string {
	b.t.Helper()
	out, err := b.client.Query(b.t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(b.log()), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("tablePath = :p"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberS{Value: b.path()}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	var list []map[string]string
	for _, item := range out.Items {
		e := make(map[string]string)
		for name, value := range item {
			switch value := value.(type) {
			case *types.AttributeValueMemberS:
				e[name] = value.Value
			case *types.AttributeValueMemberN:
				e[name] = "number " + value.Value
			}
		}
		list = append(list, e)
	}
	return list
}

var besideTemp = regexp.MustCompile(`^\.tmp/(\d{20}\.json)\.[0-9a-f-]{36}$`)

// checkEntries holds the entries to what both log stores write: one for each version, of a temporary file of its own, complete, and gone after a day.
func (b *beside) checkEntries(versions int) {
	b.t.Helper()
	entries := b.entries()
	if len(entries) != versions {
		b.t.Errorf("DynamoDB has %d entries, want one for each of %d versions", len(entries), versions)
	}
	for v, e := range entries {
		name := fmt.Sprintf("%020d.json", v)
		temp := besideTemp.FindStringSubmatch(e["tempPath"])
		seconds, err := strconv.ParseInt(strings.TrimPrefix(e["expireTime"], "number "), 10, 64)
		left := time.Until(time.Unix(seconds, 0))
		if e["fileName"] != name || temp == nil || temp[1] != name || e["complete"] != "true" || err != nil || left < 23*time.Hour || left > 24*time.Hour || len(e) != 5 {
			b.t.Errorf("the entry of version %d is %v", v, e)
		}
	}
}

// checkStopped makes sure that the newest version is in DynamoDB alone.
func (b *beside) checkStopped() {
	b.t.Helper()
	entries := b.entries()
	e := entries[len(entries)-1]
	if _, expires := e["expireTime"]; e["complete"] != "false" || expires {
		b.t.Fatalf("the entry of a commit that has come no further is %v", e)
	}
	if o, err := b.bucket.Open(b.t.Context(), "t/_delta_log/"+e["fileName"]); !errors.Is(err, storage.ErrNotFound) {
		b.t.Fatalf("%s is there: %v, %v", e["fileName"], o, err)
	}
}

// sparkWriter is Spark with Delta's log store.
type sparkWriter struct{ b *beside }

func newSparkWriter(b *beside) *sparkWriter {
	b.t.Helper()
	s, endpoint := &sparkWriter{b}, shared.servers["moto"].endpoint
	target, err := url.Parse(endpoint)
	if err != nil {
		b.t.Fatal(err)
	}
	secured := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(target)) // Delta's log store speaks no other way
	b.t.Cleanup(secured.Close)
	for key, value := range map[string]string{
		"fs.s3a.endpoint": endpoint, "fs.s3a.endpoint.region": "us-east-1", "fs.s3a.path.style.access": "true", "spark.medallion.dynamodb": strings.TrimPrefix(secured.URL, "https://"),
		"spark.io.delta.storage.S3DynamoDBLogStore.ddb.tableName": b.log(),
	} {
		s.set(key, value)
	}
	return s
}

func (s *sparkWriter) set(key, value string) {
	s.b.t.Helper()
	shared.spark.ask(s.b.t, map[string]any{"op": "sql", "query": "SET " + key + " = " + value})
}

func (s *sparkWriter) add(id int64) error {
	_, err := shared.spark.try(map[string]any{"op": "sql", "query": fmt.Sprintf("INSERT INTO delta.`%s` VALUES (%dL, 1L)", s.b.path(), id)})
	return err
}

func (s *sparkWriter) ids() (ids []int64, err error) {
	a, err := shared.spark.try(map[string]any{"op": "sql", "query": "SELECT id FROM delta.`" + s.b.path() + "` ORDER BY id"})
	for _, line := range a.Rows {
		var row struct{ ID int64 }
		err = errors.Join(err, json.Unmarshal([]byte(line), &row))
		ids = append(ids, row.ID)
	}
	return ids, err
}

func (s *sparkWriter) stop(id int64) {
	s.b.t.Helper()
	s.set("spark.medallion.stopped", s.b.path())
	if err := s.add(id); err == nil {
		s.b.t.Error("Spark's log store has not stopped")
	}
}

func (s *sparkWriter) goOn() { s.set("spark.medallion.stopped", "nothing") }

// ownWriter is another process of ours.
type ownWriter struct {
	b     *beside
	table *delta.Table
}

func newOwnWriter(b *beside) *ownWriter {
	return &ownWriter{b, delta.Open(b.over(b.bucket), "t", delta.Config{Retries: 100})}
}

func (o *ownWriter) add(id int64) error {
	_, err := o.table.Append(o.b.t.Context(), members(o.b.t, member{id, 1}), delta.WriteOptions{})
	return err
}

func (o *ownWriter) ids() ([]int64, error) { return memberIDs(o.b.t, o.table), nil }

func (o *ownWriter) stop(id int64) {
	o.b.t.Helper()
	stopping := faultstore.New(o.b.bucket, faultstore.Fault{At: 1, Of: faultstore.Put, Stop: true})
	if err := (&ownWriter{o.b, delta.Open(o.b.over(stopping), "t", delta.Config{})}).add(id); err != nil {
		o.b.t.Fatal(err)
	}
}

func (o *ownWriter) goOn() {}

// TestOthersBesideUs has somebody else and us append to one table on S3 in turn and at once, and each stop between a commit's entry and its copy, which the other
// then makes: another process of ours and, where the variable says how it can, Spark.
func TestOthersBesideUs(t *testing.T) {
	t.Parallel()
	t.Run("ours", func(t *testing.T) {
		t.Parallel()
		b := newBeside(t, "beside-ours")
		b.run(newOwnWriter(b))
	})
	if os.Getenv(logStoreVariable) != "" {
		t.Run("Spark", func(t *testing.T) {
			t.Parallel()
			b := newBeside(t, "beside-spark")
			b.run(newSparkWriter(b))
		})
	}
}

func (b *beside) run(other otherWriter) {
	b.t.Helper()
	b.other = other
	s := members(b.t, member{}).Schema()
	if _, err := b.table.Create(b.t.Context(), delta.Definition{Schema: s, Properties: map[string]string{"delta.checkpointInterval": "4"}}); err != nil {
		b.t.Fatal(err)
	}
	for i := range int64(2) {
		b.byUs(b.table, 10+i)
		b.byOther(20 + i)
	}
	b.compare("in turn")
	const each = 5
	b.atOnce(each)
	b.compare("at once")
	versions := 1 + 4 + 2*each
	b.checkEntries(versions)

	b.ids = append(b.ids, 300)
	b.other.stop(300)
	b.checkStopped()
	b.byUs(b.table, 301)
	b.other.goOn()
	b.compare("after the other has stopped")
	versions += 2
	b.checkEntries(versions)

	b.ids = append(b.ids, 302)
	newOwnWriter(b).stop(302)
	b.checkStopped()
	b.byOther(303)
	b.compare("after we have stopped")
	versions += 2
	b.checkEntries(versions)
	if violations, err := check.Table(b.t.Context(), b.over(b.bucket), "t", check.Options{Deep: true}); err != nil || len(violations) > 0 {
		b.t.Errorf("check = %v, %v", violations, err)
	}
}

// atOnce has both append.
func (b *beside) atOnce(each int64) {
	b.t.Helper()
	done := make(chan error, 1)
	go func() {
		var errs []error
		for i := range each {
			_, err := b.table.Append(b.t.Context(), members(b.t, member{100 + i, 0}), delta.WriteOptions{})
			errs = append(errs, err)
		}
		done <- errors.Join(errs...)
	}()
	for i := range each {
		b.ids = append(b.ids, 100+i)
		b.byOther(200 + i)
	}
	if err := <-done; err != nil {
		b.t.Fatal(err)
	}
}
