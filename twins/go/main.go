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

// complain tells of an error, and whether there is one.
func complain(err error) bool {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
	}
	return err != nil
}

func main() {
	interrupted := interruptible() // from the start: who sees the output file made may interrupt
	o, err := parseOptions(os.Args[1:])
	if complain(err) {
		fmt.Fprintf(os.Stderr, "Try %s --help\n", name)
		os.Exit(exitUsage)
	}
	if complain(checkFiles(o)) {
		os.Exit(exitUsage)
	}
	if complain(checkLimits(o)) {
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
	r := newRecorder(o)
	run(ctx, o, r)
	res := newResult(o, r)
	res.Interrupted = interrupted.Err() != nil
	r.endAll(outcomeCancelled)
	res.complete(o, r)
	failed := write(o, r, res)
	switch {
	case res.Interrupted:
		return exitInterrupted
	case failed || !res.Valid:
		return exitFailures
	}
	return exitOK
}

// checkFiles: better before two hundred seconds of measurement than after. It takes away the file
// that says that all sleep, until they do; nothing but a file.
func checkFiles(o *options) error {
	if o.ready != "" && isNoFile(o.ready) {
		return fmt.Errorf("--ready: %s is no regular file", o.ready)
	}
	for _, path := range []string{o.output, o.records, o.ready} {
		if path == "" {
			continue
		}
		if err := writeFile(path, os.O_APPEND, func(*os.File) error { return nil }); err != nil {
			return err
		}
	}
	if o.ready != "" {
		return os.Remove(o.ready)
	}
	return nil
}

// checkLimits: each request in flight holds a socket. Go itself raises the soft limit to the hard
// one when the program starts, since 1.19.
func checkLimits(o *options) error {
	const base = 32 // standard streams, files, the netpoller's own
	var limit syscall.Rlimit
	needed := base + uint64(o.Concurrency)
	if !o.requestsURL() || syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil ||
		needed <= limit.Cur {
		return nil
	}
	return fmt.Errorf("-c %d needs %d open files (RLIMIT_NOFILE), but the limit is %d; "+
		"raise it with: ulimit -Hn %d (as root, in this shell), or lower -c",
		o.Concurrency, needed, limit.Cur, needed)
}
