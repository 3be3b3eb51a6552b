package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// result is lane.result/1: schemas/lane-result.json says what its members mean.
type result struct {
	Schema      string            `json:"schema"`
	Lane        string            `json:"lane"`
	Libraries   map[string]string `json:"libraries"`
	Workload    *workload         `json:"workload"`
	Wall        time.Duration     `json:"wall_ns"`
	Floor       *time.Duration    `json:"floor_ns"`
	UserCPU     time.Duration     `json:"user_cpu_ns"`
	SystemCPU   time.Duration     `json:"system_cpu_ns"`
	MaxRSSBytes int64             `json:"max_rss_bytes"`
	Outcomes    map[string]int    `json:"outcomes"`
	Verified    int               `json:"verified"`
	Peak        int               `json:"in_flight_peak"`
	Latency     *latencies        `json:"latency_ns"`
	Connections int64             `json:"connections_opened"`
	Resends     int64             `json:"resends"`
	Loop        *struct{}         `json:"loop"` // no event loop that a program could see
	Valid       bool              `json:"valid"`
	Interrupted bool              `json:"interrupted"`
	Error       *string           `json:"error"`
}

// latencies are percentiles.
type latencies struct {
	P50        time.Duration     `json:"p50"`
	P90        time.Duration     `json:"p90"`
	P99        time.Duration     `json:"p99"`
	Max        time.Duration     `json:"max"`
	Twentieths [20]time.Duration `json:"twentieths"`
}

// newResult has what the run has cost, at its end.
func newResult(o *options, r *recorder) *result {
	wall := time.Since(r.origin)
	var usage syscall.Rusage // zero where it cannot be had
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	go_ := strings.TrimPrefix(runtime.Version(), "go")
	return &result{
		Schema: "lane.result/1", Lane: name,
		Libraries:   map[string]string{"go": go_, "net/http": go_},
		Workload:    &o.workload,
		Wall:        wall,
		Floor:       floor(o),
		UserCPU:     time.Duration(usage.Utime.Nano()),
		SystemCPU:   time.Duration(usage.Stime.Nano()),
		MaxRSSBytes: peakRSS(),
		Outcomes:    make(map[string]int),
		Connections: r.connections.Load(),
	}
}

// floor is the least time possible: all C wait and compute at once, but no more compute than there
// are cores. Nil where it is not known.
func floor(o *options) *time.Duration {
	if o.Work != workCPU && o.latency == nil || o.computes() && o.cpu == 0 {
		return nil
	}
	item := o.cpu
	if o.Work != workCPU {
		item += *o.latency
	}
	groups := func(size int) time.Duration {
		return time.Duration((o.Requests + size - 1) / size)
	}
	cores := runtime.GOMAXPROCS(0)
	if o.Concurrency < cores {
		cores = o.Concurrency
	}
	least := groups(o.Concurrency) * item
	if computing := groups(cores) * o.cpu; computing > least {
		least = computing
	}
	return &least
}

// peakRSS is VmHWM: ru_maxrss starts at the size of the program that started this one.
func peakRSS() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	value, _ := strconv.ParseInt(kilobytes, 10, 64)
	return value * 1024
}

// complete counts outcomes and sums up the records, all of which have ended.
func (res *result) complete(o *options, r *recorder) {
	var starts, ends, latencies []time.Duration
	for _, name := range outcomeNames {
		res.Outcomes[name] = 0
	}
	for i := range r.records {
		record := &r.records[i]
		res.Outcomes[outcomeNames[record.outcome()]]++
		res.Resends += record.resends()
		if record.start == 0 {
			continue
		}
		starts, ends = append(starts, record.start), append(ends, record.end())
		if record.outcome() == outcomeOK {
			latencies = append(latencies, record.end()-record.start)
		}
	}
	res.Peak = peak(starts, ends)
	res.Latency = summarise(latencies)
	ok := res.Outcomes[outcomeNames[outcomeOK]]
	if o.Work != workIO || o.verify == "id" {
		res.Verified = ok
	}
	res.Valid = ok == o.Requests
}

func sortTimes(values []time.Duration) {
	sort.Slice(values, func(i, j int) bool { return values[i] < values[j] })
}

// peak is the most items between start and end at one moment; an end comes before a start at the
// same nanosecond.
func peak(starts, ends []time.Duration) int {
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

// summarise takes percentiles by nearest rank; nil where nothing ended well.
func summarise(values []time.Duration) *latencies {
	n := len(values)
	if n == 0 {
		return nil
	}
	sortTimes(values)
	at := func(perMille int) time.Duration { return values[(n*perMille+999)/1000-1] }
	l := &latencies{P50: at(500), P90: at(900), P99: at(990), Max: values[n-1]}
	for i := range l.Twentieths {
		l.Twentieths[i] = at(50 * (i + 1))
	}
	return l
}

// write prints and writes what was asked for; true where something could not be written.
func write(o *options, r *recorder, res *result) (failed bool) {
	if !o.quiet {
		failed = complain(printSummary(o, r, res))
	}
	if o.output != "" {
		failed = complain(writeFile(o.output, os.O_APPEND, func(file *os.File) error {
			return json.NewEncoder(file).Encode(res) // one line with one write
		})) || failed
	}
	if o.records != "" {
		failed = complain(r.writeCSV(o.records)) || failed
	}
	return failed
}

func printSummary(o *options, r *recorder, res *result) error {
	var text strings.Builder
	out := tabwriter.NewWriter(&text, 15, 0, 1, ' ', 0)
	what := o.Work
	if o.url != "" {
		what += ", " + o.url
	}
	fmt.Fprintf(out, "%s: %d requests, %d at once, work: %s\n", name, o.Requests, o.Concurrency, what)
	fmt.Fprintf(out, "  wall time\t%s", formatDuration(res.Wall))
	if res.Floor != nil && *res.Floor > 0 {
		fmt.Fprintf(out, "   (floor %s, %+.1f %%)", formatDuration(*res.Floor),
			100*(float64(res.Wall)/float64(*res.Floor)-1))
	}
	fmt.Fprintln(out)
	remarks := r.examples
	if res.Verified > 0 {
		remarks[outcomeOK] = fmt.Sprintf("%d verified", res.Verified)
	}
	for outcome, name := range outcomeNames {
		if count := res.Outcomes[name]; count > 0 && remarks[outcome] != "" {
			fmt.Fprintf(out, "  %s\t%d   (%s)\n", name, count, remarks[outcome])
		} else if count > 0 {
			fmt.Fprintf(out, "  %s\t%d\n", name, count)
		}
	}
	fmt.Fprintf(out, "  in flight\t%d at most, %d connections (%s)", res.Peak, res.Connections,
		o.connections)
	if res.Resends > 0 {
		fmt.Fprintf(out, ", %d re-sends", res.Resends)
	}
	fmt.Fprintln(out)
	if l := res.Latency; l != nil {
		fmt.Fprintf(out, "  latency\tp50 %s, p99 %s, max %s\n", formatDuration(l.P50),
			formatDuration(l.P99), formatDuration(l.Max))
	}
	fmt.Fprintf(out, "  cost\t%s of CPU time, %.1f MB\n", formatDuration(res.UserCPU+res.SystemCPU),
		float64(res.MaxRSSBytes)/1e6)
	if res.Interrupted {
		fmt.Fprintln(out, "  interrupted: the result is partial")
	}
	out.Flush()
	_, err := os.Stdout.WriteString(text.String())
	return err
}
