package main

import (
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
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

type options struct {
	url          string // holds {id}
	requests     int
	concurrency  int
	timeout      time.Duration
	deadline     time.Duration // 0: none
	connections  string        // reuse, fresh, or empty: not said
	fresh        bool
	verifyID     bool
	latency      time.Duration
	latencyKnown bool
	work         string
	cpu          time.Duration // of one item; 0: not known
	rounds       uint64
	block        int    // bytes
	digest       []byte // nil: not known yet
	output       string
	records      string
	ready        string
	quiet        bool
	progress     bool
}

func (o *options) computes() bool    { return o.work == workCPU || o.work == workMixed }
func (o *options) requestsURL() bool { return o.work == workIO || o.work == workMixed }

const usage = `Usage: go-goroutines [OPTION...] URL
Runs a workload of HTTP requests in goroutines with net/http, and says how long it took.

The workload:
  -n, --requests=N       Requests in all (default: 1000)
  -c, --concurrency=C    Goroutines, and so the most requests in flight (default: N)
  -t, --timeout=TIME     Longest time for one request (default: 30s)
      --deadline=TIME    Longest time for the whole run (default: none)
      --connections=reuse|fresh
                         Use a connection again, or make one for each request
                         (default: reuse, and fresh where C >= N)
      --verify=id|status What makes an answer right: a JSON body whose "id" is the
                         request's, or any status 200-299 (default: id)
      --latency=TIME     The fixed latency of the server, if known; how long to sleep
      --work=io|cpu|mixed|sleep
                         Requests, computing, a request and then computing, or N
                         goroutines that only wait (default: io)
      --cpu=TIME         CPU time of one computation (default: 20ms)
      --rounds=R         Hashes in its chain (default: as many as the time takes)
      --block=BYTES      Bytes of each hash (default: 32)
      --digest=HEX       What the chain must come to
      --ready=FILE       Make FILE once all sleep
Output:
  -o, --output=FILE      Append the result to FILE as one JSON line
      --records=FILE     Write one CSV row per request to FILE
      --quiet            No summary and no progress
      --progress         Progress on stderr, even if it is no terminal
      --help, --version

URL holds {id}: http://127.0.0.1:8080/users/{id}

Exit status: 0 all requests ok; 1 some requests failed (each is counted by its outcome); 2 wrong
usage; 3 the machine's limits forbid the run; 130 interrupted (the partial result is written).
`

// parseOptions ends the program where the command line is wrong, or only asks for a text.
func parseOptions(arguments []string) *options {
	o := &options{}
	flags := table(o)
	var rest []string
	for len(arguments) > 0 { // options may follow the URL
		if err := flags.Parse(arguments); err != nil {
			refuse(err)
		}
		arguments = flags.Args()
		if len(arguments) > 0 {
			rest, arguments = append(rest, arguments[0]), arguments[1:]
		}
	}
	if err := o.complete(rest); err != nil {
		refuse(err)
	}
	return o
}

func refuse(err error) {
	if err == flag.ErrHelp {
		fmt.Print(usage)
		os.Exit(exitOK)
	}
	complain(err)
	fmt.Fprintf(os.Stderr, "Try %s --help\n", name)
	os.Exit(exitUsage)
}

func table(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	option := func(parse func(string) error, names ...string) {
		for _, name := range names {
			flags.Func(name, "", parse)
		}
	}
	o.requests, o.timeout, o.block, o.work, o.verifyID = 1000, 30*time.Second, 32, workIO, true
	option(into(&o.requests, parseCount), "n", "requests")
	option(into(&o.concurrency, parseCount), "c", "concurrency")
	option(into(&o.timeout, parseTime), "t", "timeout")
	option(into(&o.deadline, parseTime), "deadline")
	option(into(&o.cpu, parseTime), "cpu")
	option(into(&o.rounds, parseRounds), "rounds")
	option(into(&o.block, parseBytes), "block")
	option(into(&o.digest, parseDigest), "digest")
	option(oneOf(&o.connections, "reuse", "fresh"), "connections")
	option(oneOf(&o.work, workIO, workCPU, workMixed, workSleep), "work")
	option(func(text string) error {
		o.verifyID = text == "id"
		return oneOf(&text, "id", "status")(text)
	}, "verify")
	option(func(text string) (err error) {
		o.latencyKnown = true
		if text != "0" {
			o.latency, err = parseTime(text)
		}
		return err
	}, "latency")
	flags.StringVar(&o.output, "o", "", "")
	flags.StringVar(&o.output, "output", "", "")
	flags.StringVar(&o.records, "records", "", "")
	flags.StringVar(&o.ready, "ready", "", "")
	flags.BoolVar(&o.quiet, "quiet", false, "")
	flags.BoolVar(&o.progress, "progress", false, "")
	flags.Var(versionFlag{}, "version", "")
	return flags
}

// versionFlag prints the version where it is met.
type versionFlag struct{}

func (versionFlag) String() string   { return "" }
func (versionFlag) IsBoolFlag() bool { return true }
func (versionFlag) Set(string) error {
	fmt.Printf("%s %s (%s)\n", name, version, runtime.Version())
	os.Exit(exitOK)
	return nil
}

// complete sets what depends on several options.
func (o *options) complete(rest []string) error {
	if len(rest) > 1 {
		return fmt.Errorf("one URL only: '%s' is too much", rest[1])
	}
	if len(rest) == 1 && o.requestsURL() {
		o.url = rest[0]
	}
	if o.requestsURL() {
		if err := checkURL(o.url); err != nil {
			return err
		}
	}
	if o.ready != "" && o.work != workSleep {
		return fmt.Errorf("--ready: nothing sleeps; say --work sleep")
	}
	if o.work == workSleep && o.latency == 0 {
		return fmt.Errorf("--work sleep needs --latency, how long to sleep")
	}
	if o.concurrency == 0 || o.concurrency > o.requests || o.work == workSleep {
		o.concurrency = o.requests
	}
	if o.cpu == 0 && o.rounds == 0 {
		o.cpu = 20 * time.Millisecond
	}
	o.fresh = o.connections == "fresh" || o.connections == "" && o.concurrency >= o.requests
	o.progress = !o.quiet && (o.progress || isTerminal(os.Stderr))
	return nil
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

func isTerminal(file *os.File) bool {
	var settings syscall.Termios
	_, _, err := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TCGETS,
		uintptr(unsafe.Pointer(&settings)))
	return err == 0
}
