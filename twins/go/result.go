package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// result is lane.result/1: schemas/lane-result.json says what its members mean.
type result struct {
	Schema      string            `json:"schema"`
	Lane        string            `json:"lane"`
	Libraries   map[string]string `json:"libraries"`
	Workload    workload          `json:"workload"`
	WallNS      int64             `json:"wall_ns"`
	FloorNS     *int64            `json:"floor_ns"`
	UserCPUNS   int64             `json:"user_cpu_ns"`
	SystemCPUNS int64             `json:"system_cpu_ns"`
	MaxRSSBytes int64             `json:"max_rss_bytes"`
	Outcomes    map[string]int    `json:"outcomes"`
	Verified    int               `json:"verified"`
	Peak        int               `json:"in_flight_peak"`
	LatencyNS   *latency          `json:"latency_ns"`
	Connections int64             `json:"connections_opened"`
	Loop        *struct{}         `json:"loop"` // no event loop that a program could see
	Valid       bool              `json:"valid"`
	Interrupted bool              `json:"interrupted"`
	Error       *string           `json:"error"`
	options     *options
}

type workload struct {
	Requests    int     `json:"requests"`
	Concurrency int     `json:"concurrency"`
	Work        string  `json:"work"`
	Rounds      *uint64 `json:"rounds"`
	Digest      *string `json:"digest"`
	Workers     *int    `json:"workers"`
}

type latency struct {
	P50 int64 `json:"p50"`
	P90 int64 `json:"p90"`
	P99 int64 `json:"p99"`
	Max int64 `json:"max"`
}

// known is a pointer to the value, or nil, which JSON has as null.
func known[T any](is bool, value T) *T {
	if !is {
		return nil
	}
	return &value
}

func newResult(o *options, r *recorder, wall time.Duration) *result {
	user, system := cpuTimes(syscall.RUSAGE_SELF)
	go_ := strings.TrimPrefix(runtime.Version(), "go")
	return &result{
		Schema: "lane.result/1", Lane: name,
		Libraries: map[string]string{"go": go_, "net/http": go_},
		Workload: workload{
			Requests: o.requests, Concurrency: o.concurrency, Work: o.work,
			Rounds: known(o.computes(), o.rounds),
			Digest: known(o.computes(), hex.EncodeToString(o.digest)),
		},
		WallNS:      int64(wall),
		FloorNS:     floor(o),
		UserCPUNS:   int64(user),
		SystemCPUNS: int64(system),
		MaxRSSBytes: peakRSS(),
		Connections: r.connections.Load(),
		options:     o,
	}
}

// floor is the least time possible: all C wait and compute at once, but no more compute than there
// are cores.
func floor(o *options) *int64 {
	wait, cpu := int64(o.latency), int64(o.cpu)
	if o.work == workCPU {
		wait = 0
	}
	if !o.computes() {
		cpu = 0
	}
	cores := runtime.NumCPU()
	if o.concurrency < cores {
		cores = o.concurrency
	}
	all := groups(o.requests, o.concurrency) * (wait + cpu)
	if computing := groups(o.requests, cores) * cpu; computing > all {
		all = computing
	}
	return known((o.work == workCPU || o.latencyKnown) && (!o.computes() || cpu > 0), all)
}

func groups(n, size int) int64 {
	return int64((n + size - 1) / size)
}

// peakRSS is VmHWM: ru_maxrss starts at the size of the program that started this one.
func peakRSS() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	value, _ := strconv.ParseInt(kilobytes, 10, 64)
	return value * 1024
}

// complete counts outcomes and sums up the records, all of which have ended.
func (res *result) complete(r *recorder) {
	var starts, ends, latencies []int64
	res.Outcomes = make(map[string]int)
	for _, name := range outcomeNames {
		res.Outcomes[name] = 0
	}
	for i := range r.records {
		record := &r.records[i]
		res.Outcomes[outcomeNames[record.outcome()]]++
		if record.start == 0 {
			continue
		}
		starts, ends = append(starts, record.start), append(ends, record.end())
		if record.outcome() == outcomeOK {
			latencies = append(latencies, record.end()-record.start)
		}
	}
	res.Peak = peak(starts, ends)
	res.LatencyNS = summarise(latencies)
	ok := res.Outcomes["ok"]
	if res.options.work != workIO || res.options.verifyID {
		res.Verified = ok
	}
	res.Valid = ok == len(r.records)
}

func sortTimes(values []int64) {
	sort.Slice(values, func(i, j int) bool { return values[i] < values[j] })
}

// peak is the most items between start and end at one moment; an end comes before a start at the
// same nanosecond.
func peak(starts, ends []int64) int {
	sortTimes(starts)
	sortTimes(ends)
	most, ended := 0, 0
	for i, start := range starts {
		for ended < len(ends) && ends[ended] <= start {
			ended++
		}
		if i+1-ended > most {
			most = i + 1 - ended
		}
	}
	return most
}

// summarise takes percentiles by nearest rank.
func summarise(values []int64) *latency {
	n := len(values)
	if n == 0 {
		return nil
	}
	sortTimes(values)
	at := func(perMille int) int64 { return values[(n*perMille+999)/1000-1] }
	return &latency{P50: at(500), P90: at(900), P99: at(990), Max: values[n-1]}
}

// write prints and writes what was asked for; true where something could not be written.
func (res *result) write(r *recorder) (failed bool) {
	tell := func(err error) {
		if err != nil {
			complain(err)
			failed = true
		}
	}
	o := res.options
	if !o.quiet {
		_, err := os.Stdout.WriteString(res.summary(r))
		tell(err)
	}
	if o.output != "" {
		tell(res.appendTo(o.output))
	}
	if o.records != "" {
		tell(r.writeCSV(o.records))
	}
	return failed
}

// appendTo writes one line with one write.
func (res *result) appendTo(path string) error {
	line, err := json.Marshal(res)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

func (res *result) summary(r *recorder) string {
	var out strings.Builder
	line := func(what, format string, values ...any) {
		fmt.Fprintf(&out, "  %-12s %s\n", what, fmt.Sprintf(format, values...))
	}
	o, what := res.options, "work: "+res.options.work
	if o.url != "" {
		what += ", " + o.url
	}
	fmt.Fprintf(&out, "%s: %d requests, %d at once, %s\n", name, o.requests, o.concurrency, what)
	above := ""
	if res.FloorNS != nil && *res.FloorNS > 0 {
		above = fmt.Sprintf("   (floor %s, %+.1f %%)", formatDuration(time.Duration(*res.FloorNS)),
			100*(float64(res.WallNS)/float64(*res.FloorNS)-1))
	}
	line("wall time", "%s%s", formatDuration(time.Duration(res.WallNS)), above)
	for outcome, name := range outcomeNames {
		remark := r.examples[outcome]
		if name == "ok" && res.Verified > 0 {
			remark = fmt.Sprintf("%d verified", res.Verified)
		}
		if remark != "" {
			remark = "   (" + remark + ")"
		}
		if res.Outcomes[name] > 0 {
			line(name, "%d%s", res.Outcomes[name], remark)
		}
	}
	kept := map[bool]string{false: "reuse", true: "fresh"}[o.fresh]
	line("in flight", "%d at most, %d connections (%s)", res.Peak, res.Connections, kept)
	if l := res.LatencyNS; l != nil {
		line("latency", "p50 %s, p99 %s, max %s", formatDuration(time.Duration(l.P50)),
			formatDuration(time.Duration(l.P99)), formatDuration(time.Duration(l.Max)))
	}
	line("cost", "%s of CPU time, %.1f MB", formatDuration(time.Duration(res.UserCPUNS+
		res.SystemCPUNS)), float64(res.MaxRSSBytes)/1e6)
	if res.Interrupted {
		out.WriteString("  interrupted: the result is partial\n")
	}
	return out.String()
}
