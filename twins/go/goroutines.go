package main

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// The model: C goroutines, each of which takes an item, waits for it as if it were alone, and takes
// the next. The code blocks; the thread does not: the runtime parks the goroutine at its socket,
// and runs another one on the same thread.

// run ends when every item has, or at a signal or the deadline.
func run(ctx context.Context, o *options, r *recorder) {
	if o.Work == workSleep {
		runSleepers(ctx, o, r)
		return
	}
	perform := performer(o, r)
	var group sync.WaitGroup
	for worker := 0; worker < o.Concurrency; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for {
				id, ok := r.take(ctx, worker)
				if !ok {
					return
				}
				perform(ctx, id)
			}
		}(worker)
	}
	group.Wait()
}

// performer returns what is done with an item: a request, a computation, or one after the other.
func performer(o *options, r *recorder) func(context.Context, int) {
	client := newClient(o, r)
	return func(ctx context.Context, id int) {
		var end ending
		if o.requestsURL() {
			end = client.request(ctx, id)
		}
		if end.outcome == outcomeOK && o.computes() {
			end = compute(ctx, o)
		}
		r.end(id, end)
	}
}

// runSleepers starts N goroutines at once that wait and do nothing else. Once all sleep, o.ready is
// made; never, where the first are awake again before the last has come. A sleeping goroutine hears
// no signal: what a stop finds asleep is left behind.
func runSleepers(ctx context.Context, o *options, r *recorder) {
	var sleeping, awake atomic.Int64
	all, done := make(chan struct{}), make(chan struct{})
	n := int64(o.Requests)
	for i := 0; i < o.Requests; i++ {
		id, ok := r.take(ctx, i)
		if !ok {
			return
		}
		go func() {
			if sleeping.Add(1) == n {
				close(all)
			}
			time.Sleep(*o.latency)
			r.end(id, ending{})
			if awake.Add(1) == n {
				close(done)
			}
		}()
	}
	select {
	case <-all:
		if o.ready != "" && awake.Load() == 0 {
			complain(os.WriteFile(o.ready, nil, 0o644))
		}
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}
