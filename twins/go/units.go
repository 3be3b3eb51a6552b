package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Values as the lanes write them: "200ms", "10k", "64k".

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

var counts = map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9}

func parseRounds(text string) (uint64, error) {
	value, ok := parseUnit(text, counts)
	if !ok || value < 1 || value > 1e15 {
		return 0, fmt.Errorf("'%s' is not a number from 1; write it like 1000 or 10k", text)
	}
	return uint64(value), nil
}

func parseCount(text string) (int, error) {
	value, ok := parseUnit(text, counts)
	if !ok || value < 1 || value > 10e6 {
		return 0, fmt.Errorf("'%s' is not a number from 1 to 10M; write it like 1000 or 10k", text)
	}
	return int(value), nil
}

func parseBytes(text string) (int, error) {
	value, ok := parseUnit(text, map[string]float64{"": 1, "k": 1 << 10, "M": 1 << 20})
	if !ok || value < 32 || value > 16<<20 {
		return 0, fmt.Errorf("'%s' is not a size from 32 to 16M; write it like 32 or 64k", text)
	}
	return int(value), nil
}

func formatDuration(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.3g ms", float64(d)/1e6)
}
