package main

import (
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	workIO    = "io"
	workCPU   = "cpu"
	workMixed = "mixed"
	workSleep = "sleep"
)

// workload is the part of the options that the result repeats.
type workload struct {
	Requests    int     `json:"requests"`
	Concurrency int     `json:"concurrency"`
	Work        string  `json:"work"`
	Rounds      *uint64 `json:"rounds"` // 0: not known yet; nil: nothing is computed
	Digest      *digest `json:"digest"` // nil: not known yet, or nothing is computed
	Workers     *int    `json:"workers"`
}

type options struct {
	workload
	url         string // holds {id}
	timeout     time.Duration
	deadline    time.Duration // 0: none
	connections string        // reuse, or fresh
	verify      string        // id, or status
	latency     *time.Duration
	cpu         time.Duration // of one item; 0: not known
	block       int           // bytes
	output      string
	records     string
	ready       string
	quiet       bool
	progress    bool
}

func (o *options) computes() bool    { return o.Work == workCPU || o.Work == workMixed }
func (o *options) requestsURL() bool { return o.Work == workIO || o.Work == workMixed }

const (
	usage = `Usage: go-goroutines [OPTION...] URL
Runs a workload of HTTP requests in goroutines with net/http, and says how long it took.

`
	usageEnd = `
URL holds {id}: http://127.0.0.1:8080/users/{id}

Exit status: 0 all requests ok; 1 some requests failed (each is counted by its outcome); 2 wrong
usage; 3 the machine's limits forbid the run; 130 interrupted (the partial result is written).
`
)

// option is a flag.Value with its line of --help. Without an argument it is a switch.
type option struct {
	short, long, argument, help string
	set                         func(text string) error
}

func (o option) String() string        { return "" }
func (o option) Set(text string) error { return o.set(text) }
func (o option) IsBoolFlag() bool      { return o.argument == "" }

func (o *options) table() []option {
	return []option{
		{"n", "requests", "N", "Requests in all (default: 1000)", count(&o.Requests)},
		{"c", "concurrency", "C", "Goroutines, and so the most requests in flight (default: N)",
			count(&o.Concurrency)},
		{"t", "timeout", "TIME", "Longest time for one request (default: 30s)", span(&o.timeout)},
		{"", "deadline", "TIME", "Longest time for the whole run (default: none)",
			span(&o.deadline)},
		{"", "connections", "reuse|fresh", "Use a connection again, or make one for each request\n" +
			"(default: reuse, and fresh where C >= N)", word(&o.connections, "reuse", "fresh")},
		{"", "verify", "id|status", "What makes an answer right: a JSON body whose \"id\" is the\n" +
			"request's, or any status 200-299 (default: id)", word(&o.verify, "id", "status")},
		{"", "latency", "TIME", "The fixed latency of the server, if known; how long to sleep",
			func(text string) error {
				o.latency = new(time.Duration)
				if text == "0" {
					return nil
				}
				return span(o.latency)(text)
			}},
		{"", "work", "io|cpu|mixed|sleep", "Requests, computing, a request and then computing, or\n" +
			"N goroutines that only wait (default: io)",
			word(&o.Work, workIO, workCPU, workMixed, workSleep)},
		{"", "cpu", "TIME", "CPU time of one computation (default: 20ms)", span(&o.cpu)},
		{"", "rounds", "R", "Hashes in its chain (default: as many as the time takes)",
			number(o.Rounds, counts, 1, 1e15, "a number from 1; write it like 1000 or 10k")},
		{"", "block", "BYTES", "Bytes of each hash (default: 32)",
			number(&o.block, sizes, 32, 16<<20, "a size from 32 to 16M; write it like 32 or 64k")},
		{"", "digest", "HEX", "What the chain must come to", func(text string) error {
			o.Digest = new(digest)
			return o.Digest.UnmarshalText([]byte(text))
		}},
		{"", "ready", "FILE", "Make FILE once all sleep", word(&o.ready)},
		{"o", "output", "FILE", "Append the result to FILE as one JSON line", word(&o.output)},
		{"", "records", "FILE", "Write one CSV row per request to FILE", word(&o.records)},
		{"", "quiet", "", "No summary and no progress", toggle(&o.quiet)},
		{"", "progress", "", "Progress on stderr, even if it is no terminal", toggle(&o.progress)},
		{"", "version", "", "Print the version", tell(func() {
			fmt.Printf("%s %s (%s)\n", name, version, runtime.Version())
		})},
		{"h", "help", "", "Print this text", tell(o.help)},
	}
}

func toggle(to *bool) func(string) error {
	return func(text string) (err error) {
		*to, err = strconv.ParseBool(text)
		return err
	}
}

// tell ends the program with what it prints.
func tell(print func()) func(string) error {
	return func(string) error {
		print()
		os.Exit(exitOK)
		return nil
	}
}

func (o *options) help() {
	fmt.Print(usage)
	for _, option := range o.table() {
		names := "    --" + option.long
		if option.short != "" {
			names = "-" + option.short + ", --" + option.long
		}
		if option.argument != "" {
			names += "=" + option.argument
		}
		indent := "\n" + strings.Repeat(" ", 33)
		fmt.Printf("  %-30s %s\n", names, strings.ReplaceAll(option.help, "\n", indent))
	}
	fmt.Print(usageEnd)
}

// parseOptions reads the command line. It ends the program after --help and --version.
func parseOptions(arguments []string) (*options, error) {
	o := &options{timeout: 30 * time.Second, block: 32, verify: "id",
		workload: workload{Requests: 1000, Work: workIO, Rounds: new(uint64)}}
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, option := range o.table() {
		flags.Var(option, option.long, option.help)
		if option.short != "" {
			flags.Var(option, option.short, option.help)
		}
	}
	var rest []string
	for len(arguments) > 0 { // options may follow the URL
		if err := flags.Parse(arguments); err != nil {
			return nil, err
		}
		arguments = flags.Args()
		if len(arguments) > 0 {
			rest, arguments = append(rest, arguments[0]), arguments[1:]
		}
	}
	if err := o.checkWork(flags); err != nil {
		return nil, err
	}
	return o, o.complete(rest)
}

// checkWork refuses options for what is not done.
func (o *options) checkWork(given *flag.FlagSet) (err error) {
	computing := map[string]bool{"cpu": true, "rounds": true, "block": true, "digest": true}
	given.Visit(func(option *flag.Flag) {
		if computing[option.Name] && !o.computes() {
			err = fmt.Errorf("--%s: nothing is computed; say --work cpu or --work mixed", option.Name)
		}
	})
	if err == nil && o.Digest != nil && *o.Rounds == 0 {
		err = fmt.Errorf("--digest: of how many rounds? Say --rounds as well")
	}
	return err
}

// complete sets what depends on several options.
func (o *options) complete(rest []string) error {
	if len(rest) > 1 {
		return fmt.Errorf("one URL only: '%s' is too much", rest[1])
	}
	if o.requestsURL() {
		o.url = strings.Join(rest, "")
		if err := checkURL(o.url); err != nil {
			return err
		}
	}
	if o.ready != "" && o.Work != workSleep {
		return fmt.Errorf("--ready: nothing sleeps; say --work sleep")
	}
	if o.Work == workSleep && (o.latency == nil || *o.latency == 0) {
		return fmt.Errorf("--work sleep needs --latency, how long to sleep")
	}
	if o.Concurrency == 0 || o.Concurrency > o.Requests || o.Work == workSleep {
		o.Concurrency = o.Requests
	}
	if o.connections == "" {
		o.connections = map[bool]string{false: "reuse", true: "fresh"}[o.Concurrency >= o.Requests]
	}
	if !o.computes() {
		o.Rounds = nil
	} else if o.cpu == 0 && *o.Rounds == 0 {
		o.cpu = 20 * time.Millisecond
	}
	o.progress = !o.quiet && (o.progress || isTerminal(os.Stderr))
	return nil
}

// A character device is not enough: /dev/null is one.
func isTerminal(file *os.File) bool {
	var settings syscall.Termios
	_, _, err := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TCGETS,
		uintptr(unsafe.Pointer(&settings)))
	return err == 0
}

func checkURL(text string) error {
	parts, err := url.Parse(text)
	switch {
	case text == "":
		return fmt.Errorf("the URL is missing: http://127.0.0.1:8080/users/{id}")
	case strings.Count(text, "{id}") != 1:
		return fmt.Errorf("URL '%s' must hold {id} once, the place of the request's number: "+
			"http://127.0.0.1:8080/users/{id}", text)
	case err != nil || parts.Host == "" || parts.Scheme != "http" && parts.Scheme != "https":
		return fmt.Errorf("'%s' is not an http:// or https:// URL", text)
	}
	return nil
}
