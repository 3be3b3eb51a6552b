package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

type outcome uint8

const (
	outcomeOK outcome = iota
	outcomeTimeout
	outcomeConnect
	outcomeReset
	outcomeTruncated
	outcomeHTTPStatus
	outcomeBadBody
	outcomeCancelled
	outcomeOther
	outcomeCount
)

var outcomeNames = [outcomeCount]string{"ok", "timeout", "connect", "reset", "truncated",
	"http_status", "bad_body", "cancelled", "other"}

// ending is how an item ended; the zero value is well.
type ending struct {
	outcome outcome
	detail  string // what the library said, or empty
}

// record is what was seen of one item. Times are nanoseconds since the recorder's origin, 0 where
// it never happened. Atomic, since net/http writes some of them from goroutines of its own, even
// after a request was given up.
type record struct {
	start     time.Duration
	connected atomic.Int64
	firstByte atomic.Int64
	ended     atomic.Int64 // end << 8 | outcome, in one word so that both are set at once; 0: not yet
	sends     atomic.Int32 // connections that it was given, each to be sent on
	worker    int32
}

func (r *record) end() time.Duration { return time.Duration(r.ended.Load() >> 8) }
func (r *record) outcome() outcome   { return outcome(r.ended.Load() & 0xff) }

// resends is how often net/http sent it again by itself.
func (r *record) resends() int64 {
	if sends := int64(r.sends.Load()); sends > 1 {
		return sends - 1
	}
	return 0
}

// recorder hands out the ids 0 … N-1 and keeps a record of each. Safe for all goroutines.
type recorder struct {
	origin      time.Time
	records     []record
	next        atomic.Int64
	connections atomic.Int64 // opened
	mutex       sync.Mutex   // over the following
	examples    [outcomeCount]string
}

func newRecorder(o *options) *recorder {
	return &recorder{origin: time.Now(), records: make([]record, o.Requests)}
}

// take starts the next item; false when there is none, or the run is over.
func (r *recorder) take(ctx context.Context, worker int) (int, bool) {
	if ctx.Err() != nil {
		return 0, false
	}
	id := int(r.next.Add(1) - 1)
	if id >= len(r.records) {
		return 0, false
	}
	r.records[id].worker = int32(worker)
	r.records[id].start = time.Since(r.origin)
	return id, true
}

// end ends an item, once: a second end is ignored.
func (r *recorder) end(id int, end ending) {
	now := int64(time.Since(r.origin))
	if !r.records[id].ended.CompareAndSwap(0, now<<8|int64(end.outcome)) {
		return
	}
	if end.outcome != outcomeOK {
		r.keepExample(id, end)
	}
}

// endAll ends what has not ended, started or not: afterwards the outcomes add up to N.
func (r *recorder) endAll(how outcome) {
	for id := range r.records {
		r.end(id, ending{outcome: how})
	}
}

func (r *recorder) keepExample(id int, end ending) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.examples[end.outcome] == "" && end.detail != "" {
		r.examples[end.outcome] = fmt.Sprintf("request %d: %s", id, end.detail)
	}
}

// isNoFile tells devices and pipes, in whose place no file must come.
func isNoFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular()
}

// writeFile opens a file with os.O_APPEND or os.O_TRUNC, has it written and closes it.
func writeFile(path string, how int, write func(*os.File) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, 0o644)
	if err != nil {
		return err
	}
	err = write(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// writeCSV writes all records as a whole new file, or to the device that is there.
func (r *recorder) writeCSV(path string) error {
	if isNoFile(path) {
		return writeFile(path, os.O_TRUNC, r.writeRows)
	}
	fresh := path + ".new"
	if err := writeFile(fresh, os.O_TRUNC, r.writeRows); err != nil {
		os.Remove(fresh)
		return err
	}
	return os.Rename(fresh, path)
}

func (r *recorder) writeRows(file *os.File) error {
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends")
	for id := range r.records {
		record := &r.records[id]
		worker := ""
		if record.start != 0 {
			worker = strconv.Itoa(int(record.worker))
		}
		fmt.Fprintf(out, "%d,%s,%s,%s,%s,%d,%s,%d\n", id, worker, timeText(int64(record.start)),
			timeText(record.connected.Load()), timeText(record.firstByte.Load()), record.end(),
			outcomeNames[record.outcome()], record.resends())
	}
	return out.Flush()
}

func timeText(ns int64) string {
	if ns == 0 {
		return ""
	}
	return strconv.FormatInt(ns, 10)
}
