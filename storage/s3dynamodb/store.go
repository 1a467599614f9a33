// Package s3dynamodb keeps Delta tables on S3 beside writers that use Delta's S3DynamoDBLogStore, such as Spark: who commits a version is decided by an entry in a
// DynamoDB table that all of them share, and not by the bucket. Without such writers storage/s3 alone is enough and quicker.
//
// To commit version N, a writer puts its text into a temporary object, then an entry that names it into DynamoDB, on condition that N has none: that is the commit.
// It copies the text to N.json and marks the entry complete. Whoever finds an entry that is not complete does these last two steps in its writer's stead.
package s3dynamodb

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/uuid"

	"github.com/medallion-go/medallion/storage"
)

// The defaults of Delta's log store.
const (
	defaultTable  = "delta_log"
	defaultExpiry = 24 * time.Hour
)

// Config says where tables lie, and which entries decide about their commits.
type Config struct {
	Store    storage.Store    // the bucket; required
	Location string           // URL of the store's root, spelled as the other writers spell it in their tables' paths: s3a://bucket/lake; required
	Client   *dynamodb.Client // required
	Table    string           // of DynamoDB; default: delta_log
	Expiry   time.Duration    // how long complete entries are kept, where the table has a time to live; default: a day
	Clock    func() time.Time // default: time.Now
}

// Store is a storage.Store whose commits of Delta tables are decided in DynamoDB. All else it leaves to the store below.
type Store struct {
	storage.Store
	location string
	entries  ledger
	expiry   time.Duration
	clock    func() time.Time
	newID    func() string
}

// New returns the store, or what is wrong with the Config. It makes no request.
func New(c Config) (*Store, error) {
	if c.Client == nil {
		return nil, errors.New("s3dynamodb: config: Client is nil")
	}
	if c.Table == "" {
		c.Table = defaultTable
	}
	return c.over(&table{client: c.Client, name: c.Table})
}

// over is the store over a ledger.
func (c Config) over(entries ledger) (*Store, error) {
	if c.Store == nil {
		return nil, errors.New("s3dynamodb: config: Store is nil")
	}
	if !strings.Contains(c.Location, "://") {
		return nil, fmt.Errorf("s3dynamodb: config: Location %q is no URL such as s3a://bucket/lake", c.Location)
	}
	if c.Expiry == 0 {
		c.Expiry = defaultExpiry
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Store{Store: c.Store, location: strings.TrimSuffix(c.Location, "/"), entries: entries, expiry: c.Expiry, clock: c.Clock, newID: uuid.NewString}, nil
}

// URL is the address of an object, as other writers spell it.
func (s *Store) URL(key string) string { return s.location + "/" + key }

// commitKey is the key of a commit: the table's prefix, which may be empty, and the version.
var commitKey = regexp.MustCompile(`^(?:(.*)/)?_delta_log/(\d{20})\.json$`)

// logFolder is a prefix within a table's log.
var logFolder = regexp.MustCompile(`^(?:(.*)/)?_delta_log/`)

// commit is one version of a table.
type commit struct {
	root    string // key prefix of the table, without a slash at its end
	version int64
}

func (c commit) name() string { return fmt.Sprintf("%020d.json", c.version) }

func (c commit) key() string { return storage.Join(c.root, "_delta_log", c.name()) }

// tablePath is what entries know the table by.
func (s *Store) tablePath(root string) string { return strings.TrimSuffix(s.location+"/"+root, "/") }

// PutIfAbsent decides the commits of tables by their entries, and leaves other objects to the store below.
func (s *Store) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	m := commitKey.FindStringSubmatch(key)
	if m == nil {
		return s.Store.PutIfAbsent(ctx, key, data)
	}
	version, err := strconv.ParseInt(m[2], 10, 64)
	if err == nil {
		err = s.commit(ctx, commit{m[1], version}, data)
	}
	if err != nil {
		return fmt.Errorf("s3dynamodb: put %s: %w", key, err)
	}
	return nil
}

// List completes the newest commit of a table whose log is listed, if its writer has not.
func (s *Store) List(ctx context.Context, prefix, startAfter string) iter.Seq2[storage.Info, error] {
	m := logFolder.FindStringSubmatch(prefix)
	if m == nil {
		return s.Store.List(ctx, prefix, startAfter)
	}
	return func(yield func(storage.Info, error) bool) {
		newest, err := s.entries.newest(ctx, s.tablePath(m[1]))
		if err == nil && newest != nil {
			err = s.repair(ctx, m[1], newest)
		}
		if err != nil {
			yield(storage.Info{}, fmt.Errorf("s3dynamodb: list %s: %w", prefix, err))
			return
		}
		s.Store.List(ctx, prefix, startAfter)(yield)
	}
}

// commit is the protocol of Delta's external log stores, step by step.
func (s *Store) commit(ctx context.Context, c commit, data []byte) error {
	there, err := s.exists(ctx, c.key())
	if err != nil {
		return err
	}
	if there {
		return storage.ErrExists
	}
	if err := s.checkBefore(ctx, c); err != nil {
		return err
	}
	own := &entry{tablePath: s.tablePath(c.root), fileName: c.name(), tempPath: ".tmp/" + c.name() + "." + s.newID()}
	temp := storage.Join(c.root, "_delta_log", own.tempPath)
	if _, err := storage.Put(ctx, s.Store, temp, data); err != nil {
		return fmt.Errorf("the temporary object: %w", certain(err))
	}
	if err := s.claim(ctx, c, own); err != nil {
		if errors.Is(err, storage.ErrExists) {
			err = errors.Join(err, s.Store.Delete(ctx, temp))
		}
		return err
	}
	// The commit stands. Whatever fails from here on, the next who comes by does again.
	ctx = context.WithoutCancel(ctx)
	if err := s.copy(ctx, c.key(), data); err == nil && s.complete(ctx, own) == nil {
		_ = s.Store.Delete(ctx, temp)
	}
	return nil
}

// certain takes the doubt out of an error: whether the temporary object is there or not, nobody sees it.
func certain(err error) error {
	if errors.Is(err, storage.ErrUndecided) {
		return errors.New(err.Error())
	}
	return err
}

// checkBefore makes sure that the version before is there, and that the table's entries are not those of another that was dropped.
func (s *Store) checkBefore(ctx context.Context, c commit) error {
	if c.version == 0 {
		e, err := s.entries.get(ctx, s.tablePath(c.root), c.name())
		if err == nil && e != nil && e.complete {
			err = fmt.Errorf("the table %s was dropped, but its entries are in DynamoDB still: remove them", s.tablePath(c.root))
		}
		return err
	}
	before := commit{c.root, c.version - 1}
	e, err := s.entries.get(ctx, s.tablePath(c.root), before.name())
	if err != nil {
		return err
	}
	if e != nil && !e.complete {
		return s.repair(ctx, c.root, e)
	}
	there, err := s.exists(ctx, before.key())
	if err == nil && !there {
		err = fmt.Errorf("the commit before it, %s, is not there: %w", before.key(), storage.ErrNotFound)
	}
	return err
}

// claim puts the entry, on condition that there is none. Where the answer is lost, the entry that is there tells who has won.
func (s *Store) claim(ctx context.Context, c commit, own *entry) error {
	putErr := s.entries.putIfAbsent(ctx, own)
	if putErr == nil {
		return nil
	}
	found, err := s.entries.get(context.WithoutCancel(ctx), own.tablePath, own.fileName)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", storage.ErrUndecided, errors.Join(putErr, err))
	case found == nil:
		return fmt.Errorf("%w: %w", storage.ErrUndecided, putErr)
	case found.tempPath == own.tempPath:
		return nil
	}
	if err := s.repair(ctx, c.root, found); err != nil {
		return err
	}
	return storage.ErrExists
}

// repair copies the text of a commit whose writer has not come to it, and marks its entry complete.
func (s *Store) repair(ctx context.Context, root string, e *entry) error {
	if e.complete {
		return nil
	}
	target := storage.Join(root, "_delta_log", path.Base(e.fileName))
	there, err := s.exists(ctx, target)
	if err != nil {
		return err
	}
	if !there {
		data, err := storage.ReadAll(ctx, s.Store, storage.Join(root, "_delta_log", e.tempPath))
		if errors.Is(err, storage.ErrNotFound) {
			if there, err = s.exists(ctx, target); there {
				return nil // its writer has come to it meanwhile, and the temporary object is gone
			}
			err = errors.Join(err, fmt.Errorf("its temporary object %s is gone", e.tempPath))
		}
		if err == nil {
			err = s.copy(ctx, target, data)
		}
		if err != nil {
			return fmt.Errorf("complete commit %s of another writer: %w", e.fileName, err)
		}
	}
	return s.complete(ctx, e)
}

// copy writes the commit's text under its name. Who writes it makes no difference: all that do have read one temporary object.
func (s *Store) copy(ctx context.Context, key string, data []byte) error {
	err := s.Store.PutIfAbsent(ctx, key, data)
	if errors.Is(err, storage.ErrExists) {
		return nil
	}
	return certain(err)
}

// complete marks the entry, which may go after a while.
func (s *Store) complete(ctx context.Context, e *entry) error {
	done := *e
	done.complete, done.expires = true, s.clock().Add(s.expiry).Unix()
	return s.entries.put(ctx, &done)
}

func (s *Store) exists(ctx context.Context, key string) (bool, error) {
	o, err := s.Store.Open(ctx, key)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, o.Close()
}
