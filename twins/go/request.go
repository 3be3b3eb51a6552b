package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

const (
	bodyMax = 1 << 20  // a larger body ends as bad_body
	headMax = 32 << 10 // a larger header as other; by default 10 MB of it would be kept
)

// client makes requests; any number of goroutines may share one, as they share its connections.
type client struct {
	http     http.Client
	recorder *recorder
	options  *options
}

func newClient(o *options, r *recorder) *client {
	dialer := &net.Dialer{}
	c := &client{recorder: r, options: o}
	c.http.Transport = &http.Transport{
		// Two idle connections a host would be kept by default, and any number opened.
		MaxConnsPerHost:     o.Concurrency,
		MaxIdleConnsPerHost: o.Concurrency,
		DisableKeepAlives:   o.connections == "fresh",
		DisableCompression:  true,

		MaxResponseHeaderBytes: headMax,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err == nil {
				r.connections.Add(1)
			}
			return conn, err
		},
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return c
}

// request makes the request of an id and verifies its answer. ctx ends with the run.
func (c *client) request(ctx context.Context, id int) ending {
	own, cancel := context.WithTimeout(ctx, c.options.timeout)
	defer cancel()
	url := strings.Replace(c.options.url, "{id}", strconv.Itoa(id), 1)
	status, body, err := c.get(c.trace(own, id), url)
	switch {
	case err != nil && ctx.Err() != nil: // a signal, or the run's deadline
		return ending{outcome: outcomeCancelled, detail: err.Error()}
	case err != nil && own.Err() != nil:
		return ending{outcome: outcomeTimeout, detail: err.Error()}
	case err != nil:
		return ending{outcome: outcomeOf(err, status != 0), detail: err.Error()}
	case len(body) > bodyMax:
		return ending{outcome: outcomeBadBody, detail: "the body is too large"}
	case status < 200 || status > 299:
		return ending{outcome: outcomeHTTPStatus, detail: fmt.Sprintf("status %d", status)}
	case c.options.verify == "id" && !verify(body, id):
		return ending{outcome: outcomeBadBody}
	}
	return ending{}
}

// get reads the answer whole, so that its connection can be used again. The status is 0 where no
// header has come.
func (c *client) get(ctx context.Context, url string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return response.StatusCode, nil, nil // the body is the connection, which no context ends
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyMax+1))
	return response.StatusCode, body, err
}

// isCutOff is whether the connection was closed or reset. net/http wraps some of these errors as
// text only.
func isCutOff(err error) bool {
	var operation *net.OpError
	return errors.Is(err, io.EOF) || errors.As(err, &operation) ||
		strings.Contains(err.Error(), io.ErrUnexpectedEOF.Error()) ||
		strings.HasSuffix(err.Error(), syscall.ECONNRESET.Error())
}

// outcomeOf tells an end within the body from one before it; net/http calls both the same.
func outcomeOf(err error, answered bool) outcome {
	var operation *net.OpError
	switch {
	case errors.As(err, &operation) && operation.Op == "dial":
		return outcomeConnect
	case isCutOff(err) && answered:
		return outcomeTruncated
	case isCutOff(err):
		return outcomeReset
	}
	return outcomeOther
}

// trace records when the request had its connection, and the first byte of its answer.
func (c *client) trace(ctx context.Context, id int) context.Context {
	record := &c.recorder.records[id]
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			record.connected.Store(int64(time.Since(c.recorder.origin)))
			record.sends.Add(1) // again where a kept connection was closed
		},
		GotFirstResponseByte: func() {
			record.firstByte.Store(int64(time.Since(c.recorder.origin)))
		},
	})
}

// verify is whether the body is a JSON object whose "id" is the request's.
func verify(body []byte, id int) bool {
	var answer map[string]json.RawMessage // a struct would take "ID" as well
	if !utf8.Valid(body) || json.Unmarshal(body, &answer) != nil {
		return false
	}
	number, err := strconv.Atoi(string(answer["id"]))
	return err == nil && number == id
}
