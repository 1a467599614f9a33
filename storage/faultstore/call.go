package faultstore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// Kind is a set of kinds of calls.
type Kind uint16

// The kinds of calls that are counted.
const (
	Open   Kind = 1 << iota // Store.Open
	Read                    // Object.ReadAt
	Create                  // Store.Create
	Write                   // Writer.Write
	Commit                  // Writer.Commit
	Put                     // Store.PutIfAbsent
	List                    // Store.List, once per iteration
	Delete                  // Store.Delete

	Reads   = Open | Read | List
	Changes = Commit | Put | Delete // the calls that change what others see
	Any     = Reads | Create | Write | Changes
)

// String names the kinds: "Open|Put".
func (k Kind) String() string {
	var names []string
	for i, name := range []string{"Open", "Read", "Create", "Write", "Commit", "Put", "List", "Delete"} {
		if k&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "|")
}

// Call is one call that was counted.
type Call struct {
	Kind Kind
	Key  string // the prefix of a List, all keys of a Delete
}

// String is the kind and the key.
func (c Call) String() string { return c.Kind.String() + " " + c.Key }

// step is what becomes of one call: it goes on where err is nil.
type step struct {
	err    error
	effect Effect
	done   bool // the store has stopped: the call has no effect, whatever the fault's is
}

func (s step) does(e Effect) bool { return !s.done && s.effect == e }

// undecided is the failure of a call that others may see the effect of. The response that was lost is told in words only, so that no test can
// branch on what its subject could not know.
func (s step) undecided(lost error) error {
	if lost == nil {
		return fmt.Errorf("%w: %w", storage.ErrUndecided, s.err)
	}
	return fmt.Errorf("%w: %w (the lost response is: %v)", storage.ErrUndecided, s.err, lost)
}

// before counts a call that is about to be made and decides what becomes of it.
func (s *Store) before(k Kind, key string) step {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return step{err: fmt.Errorf("faultstore: %s %s: %w", k, key, errors.Join(ErrStopped, s.fault.Err)), done: true}
	}
	if s.fault.Of&k == 0 {
		return step{}
	}
	s.calls = append(s.calls, Call{Kind: k, Key: key})
	if s.fired || len(s.calls) != s.fault.At {
		return step{}
	}
	s.fired, s.stopped = true, s.fault.Stop
	return step{err: fmt.Errorf("faultstore: call %d, %s %s: %w", s.fault.At, k, key, s.fault.Err), effect: s.fault.Effect}
}

// stop returns the error of a call that is not counted, once the store has stopped.
func (s *Store) stop(op, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return fmt.Errorf("faultstore: %s %s: %w", op, key, ErrStopped)
	}
	return nil
}
