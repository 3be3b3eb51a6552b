package main

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Values as the lanes write them: "200ms", "10k", "64k".

// into stores what `parse` makes of a text.
func into[T any](to *T, parse func(string) (T, error)) func(string) error {
	return func(text string) (err error) {
		*to, err = parse(text)
		return err
	}
}

func oneOf(to *string, words ...string) func(string) error {
	return func(text string) error {
		for _, word := range words {
			if text == word {
				*to = text
				return nil
			}
		}
		return fmt.Errorf("'%s' is none of: %s", text, strings.Join(words, ", "))
	}
}

func parseTime(text string) (time.Duration, error) {
	value, err := time.ParseDuration(text)
	if err != nil || value <= 0 {
		return 0, fmt.Errorf("'%s' is not a time above 0; write it like 200ms, 1.5s or 2m", text)
	}
	return value, nil
}

// parseUnit reads a plain decimal with a factor that its last letters may name.
func parseUnit(text string, units map[string]float64) (float64, bool) {
	digits := strings.TrimRight(text, "kMGBKi")
	factor, ok := units[text[len(digits):]]
	value, err := strconv.ParseFloat(digits, 64)
	value *= factor
	plain := strings.Trim(digits, "0123456789.") == ""
	return value, ok && err == nil && plain && value == math.Trunc(value)
}

var (
	counts = map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9}
	sizes  = map[string]float64{"": 1, "k": 1 << 10, "M": 1 << 20}
)

// whole returns a parser of whole numbers; `meaning` says which are taken.
func whole[T int | uint64](units map[string]float64, least, most float64,
	meaning string) func(string) (T, error) {
	return func(text string) (T, error) {
		value, ok := parseUnit(text, units)
		if !ok || value < least || value > most {
			return 0, fmt.Errorf("'%s' is not %s", text, meaning)
		}
		return T(value), nil
	}
}

var (
	parseRounds = whole[uint64](counts, 1, 1e15, "a number from 1; write it like 1000 or 10k")
	parseCount  = whole[int](counts, 1, 10e6, "a number from 1 to 10M; write it like 1000 or 10k")
	parseBytes  = whole[int](sizes, 32, 16<<20, "a size from 32 to 16M; write it like 32 or 64k")
)

func parseDigest(text string) ([]byte, error) {
	digest, err := hex.DecodeString(text)
	if err != nil || len(digest) != 32 {
		return nil, fmt.Errorf("'%s' is not 64 hexadecimal digits", text)
	}
	return digest, nil
}

func formatDuration(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.3g ms", float64(d)/1e6)
}
