// The Go twin: the workload of the lanes with net/http and goroutines.
//
// goroutines.go is the model; the rest is what the lane contract asks of every program: options,
// limits, one request and its verification, records, the result line. Only the standard library.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const name = "go-goroutines"

// version is that of the suite; the Makefile sets it.
var version = "unknown"

// Exit statuses of every lane.
const (
	exitOK          = 0
	exitFailures    = 1
	exitUsage       = 2
	exitLimits      = 3
	exitInterrupted = 130
)

func complain(problem any) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, problem)
}

func main() {
	interrupted := interruptible() // from the start: who sees the output file made may interrupt
	o := parseOptions(os.Args[1:])
	for _, err := range []error{checkWritable(o.output), checkWritable(o.records), removeStale(o.ready)} {
		if err != nil {
			complain(err)
			os.Exit(exitUsage)
		}
	}
	if err := checkLimits(o); err != nil {
		complain(err)
		os.Exit(exitLimits)
	}
	if o.computes() {
		calibrate(o)
	}
	os.Exit(measure(interrupted, o))
}

// interruptible returns a context that the first signal cancels; the second one ends the program.
func interruptible() context.Context {
	ctx, restore := signal.NotifyContext(context.Background(),
		syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-ctx.Done()
		restore()
	}()
	return ctx
}

// measure runs the model, accounts for every item and writes what was asked for.
func measure(interrupted context.Context, o *options) int {
	ctx := interrupted
	if o.deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.deadline)
		defer cancel()
	}
	startedAt := time.Now()
	r := newRecorder(o)
	run(ctx, o, r)
	res := newResult(o, r, time.Since(startedAt))
	res.Interrupted = interrupted.Err() != nil
	r.endAll(outcomeCancelled)
	res.complete(r)
	failed := res.write(r)
	switch {
	case res.Interrupted:
		return exitInterrupted
	case failed || !res.Valid:
		return exitFailures
	}
	return exitOK
}

// checkWritable: better before two hundred seconds of measurement than after.
func checkWritable(path string) error {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return file.Close()
}

// removeStale takes away the file that says that all sleep, until they do. Nothing but a file.
func removeStale(path string) error {
	if path == "" {
		return nil
	}
	if isNoFile(path) {
		return fmt.Errorf("--ready: %s is no regular file", path)
	}
	if err := checkWritable(path); err != nil {
		return err
	}
	return os.Remove(path)
}

// checkLimits: each request in flight holds a socket. Go itself raises the soft limit to the hard
// one when the program starts, since 1.19.
func checkLimits(o *options) error {
	const base = 32 // standard streams, files, the netpoller's own
	var limit syscall.Rlimit
	needed := base + uint64(o.concurrency)
	if !o.requestsURL() || syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil ||
		needed <= limit.Cur {
		return nil
	}
	return fmt.Errorf("-c %d needs %d open files (RLIMIT_NOFILE), but the limit is %d; "+
		"raise it with: ulimit -Hn %d (as root, in this shell), or lower -c",
		o.concurrency, needed, limit.Cur, needed)
}
