package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
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
}

func (o *options) computes() bool    { return o.Work == workCPU || o.Work == workMixed }
func (o *options) requestsURL() bool { return o.Work == workIO || o.Work == workMixed }

// The text of --help, with all options.
//
//go:embed help.txt
var help string

// setter is a flag.Value that takes a text, toggle one that takes none.
type setter func(text string) error

type toggle struct{ setter }

func (s setter) String() string        { return "" }
func (s setter) Set(text string) error { return s(text) }
func (t toggle) IsBoolFlag() bool      { return true }

// setters are the options by their names.
func (o *options) setters() map[string]flag.Value {
	return map[string]flag.Value{
		"requests":    count(&o.Requests),
		"concurrency": count(&o.Concurrency),
		"timeout":     span(&o.timeout),
		"deadline":    span(&o.deadline),
		"connections": word(&o.connections, "reuse", "fresh"),
		"verify":      word(&o.verify, "id", "status"),
		"latency": setter(func(text string) error {
			o.latency = new(time.Duration)
			if text == "0" {
				return nil
			}
			return span(o.latency)(text)
		}),
		"work":   word(&o.Work, workIO, workCPU, workMixed, workSleep),
		"cpu":    span(&o.cpu),
		"rounds": number(o.Rounds, counts, 1, 1e15, "a number from 1; write it like 1000 or 10k"),
		"block":  number(&o.block, sizes, 32, 16<<20, "a size from 32 to 16M; write it like 32 or 64k"),
		"digest": setter(func(text string) error {
			o.Digest = new(digest)
			return o.Digest.UnmarshalText([]byte(text))
		}),
		"ready":   word(&o.ready),
		"output":  word(&o.output),
		"records": word(&o.records),
		"quiet": toggle{func(text string) (err error) {
			o.quiet, err = strconv.ParseBool(text)
			return err
		}},
		"version": tell(fmt.Sprintf("%s %s (%s)\n", name, version, runtime.Version())),
		"help":    tell(help),
	}
}

var letters = map[string]string{"requests": "n", "concurrency": "c", "timeout": "t", "output": "o",
	"help": "h"}

// tell ends the program with a text.
func tell(text string) toggle {
	return toggle{func(string) error {
		fmt.Print(text)
		os.Exit(exitOK)
		return nil
	}}
}

// parseOptions reads the command line. It ends the program after --help and --version.
func parseOptions(arguments []string) (*options, error) {
	o := &options{timeout: 30 * time.Second, block: 32, verify: "id",
		workload: workload{Requests: 1000, Work: workIO, Rounds: new(uint64)}}
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for long, value := range o.setters() {
		flags.Var(value, long, "")
		if letter, has := letters[long]; has {
			flags.Var(value, letter, "")
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
