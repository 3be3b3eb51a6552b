package main

import (
	"context"
	"crypto/sha256"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// What an item computes: a chain of SHA-256 hashes. h(0) is 32 zero bytes, and h(k+1) the hash of a
// block that holds h(k) and then zeros. Each hash needs the one before it.

// advance makes the next rounds of the chain that block stands at.
func advance(block []byte, rounds uint64) {
	for ; rounds > 0; rounds-- {
		hash := sha256.Sum256(block)
		copy(block, hash[:])
	}
}

func digestOf(block []byte) (d digest) {
	copy(d[:], block)
	return d
}

// compute computes one item, and looks about each 50 us whether the run is over.
func compute(ctx context.Context, o *options) ending {
	block := make([]byte, o.block)
	stretch := uint64(1 + 65536/(o.block+128))
	for left := *o.Rounds; left > 0; left -= stretch {
		if ctx.Err() != nil {
			return ending{outcome: outcomeCancelled}
		}
		if stretch > left {
			stretch = left
		}
		advance(block, stretch)
	}
	if digestOf(block) != *o.Digest {
		return ending{outcome: outcomeBadBody, detail: "the chain has come to another digest"}
	}
	return ending{}
}

// calibrate completes what the command line left open: the rounds, from the CPU time, and what they
// come to.
func calibrate(o *options) {
	if *o.Rounds == 0 {
		*o.Rounds = roundsIn(o.cpu, make([]byte, o.block))
	}
	if o.Digest == nil {
		block := make([]byte, o.block)
		advance(block, *o.Rounds)
		result := digestOf(block)
		o.Digest = &result
	}
}

// roundsIn measures with the fastest of several slices: what disturbs one only makes it slower.
func roundsIn(cpu time.Duration, block []byte) uint64 {
	const slices, sliceMin = 15, 5 * time.Millisecond
	runtime.LockOSThread() // CPU time is that of this thread
	defer runtime.UnlockOSThread()
	rounds := uint64(1)
	fastest := slice(block, rounds)
	for fastest < sliceMin {
		rounds *= 2
		fastest = slice(block, rounds)
	}
	for i := 1; i < slices; i++ {
		if took := slice(block, rounds); took < fastest {
			fastest = took
		}
	}
	wanted := uint64(float64(cpu)/float64(fastest)*float64(rounds) + 0.5)
	if wanted < 1 {
		return 1
	}
	return wanted
}

func slice(block []byte, rounds uint64) time.Duration {
	before := threadCPU()
	advance(block, rounds)
	return threadCPU() - before
}

// threadCPU is exact, unlike what getrusage says of a thread, which may stand still for some
// milliseconds: a slice that took no time at all would come to endless rounds.
func threadCPU() time.Duration {
	const clockThreadCPU = 3
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPU, uintptr(unsafe.Pointer(&now)), 0)
	return time.Duration(now.Nano())
}
