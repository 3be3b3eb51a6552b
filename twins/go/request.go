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

const bodyMax = 1 << 20 // a larger body ends as bad_body

// client makes requests; any number of goroutines may share one, as they share its connections.
type client struct {
	http     http.Client
	recorder *recorder
	options  *options
	before   string // of the URL, up to {id}
	after    string
}

func newClient(o *options, r *recorder) *client {
	dialer := &net.Dialer{}
	c := &client{recorder: r, options: o}
	c.before, c.after, _ = strings.Cut(o.url, "{id}")
	c.http.Transport = &http.Transport{
		// Two idle connections a host would be kept by default, and any number opened.
		MaxConnsPerHost:     o.concurrency,
		MaxIdleConnsPerHost: o.concurrency,
		DisableKeepAlives:   o.fresh,
		DisableCompression:  true,
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
	status, body, err := c.get(c.trace(own, id), c.before+strconv.Itoa(id)+c.after)
	switch {
	case err != nil && ctx.Err() != nil: // a signal, or the run's deadline
		return ending{outcome: outcomeCancelled, detail: err.Error()}
	case err != nil && own.Err() != nil:
		return ending{outcome: outcomeTimeout, detail: err.Error()}
	case err != nil:
		return ending{outcome: outcomeOf(err), detail: err.Error()}
	case status < 200 || status > 299:
		return ending{outcome: outcomeHTTPStatus, detail: fmt.Sprintf("status %d", status)}
	case c.options.verifyID && !verify(body, id):
		return ending{outcome: outcomeBadBody}
	}
	return ending{}
}

var errTooLarge = errors.New("the body is too large")

// get reads the answer whole, so that its connection can be used again.
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
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyMax+1))
	if len(body) > bodyMax {
		err = errTooLarge
	} else if isCutOff(err) {
		err = errTruncated{err}
	}
	return response.StatusCode, body, err
}

// errTruncated is an end within the body; net/http calls one within the head the same.
type errTruncated struct{ error }

// isCutOff is whether the connection was closed or reset. net/http wraps some of these errors as
// text only.
func isCutOff(err error) bool {
	var operation *net.OpError
	if err == nil {
		return false
	}
	return errors.Is(err, io.EOF) || errors.As(err, &operation) ||
		strings.Contains(err.Error(), io.ErrUnexpectedEOF.Error()) ||
		strings.HasSuffix(err.Error(), syscall.ECONNRESET.Error())
}

func outcomeOf(err error) outcome {
	var truncated errTruncated
	var operation *net.OpError
	switch {
	case errors.Is(err, errTooLarge):
		return outcomeBadBody
	case errors.As(err, &truncated):
		return outcomeTruncated
	case errors.As(err, &operation) && operation.Op == "dial":
		return outcomeConnect
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
