package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Values as the lanes write them: "200ms", "10k", "64k". Each function returns what stores one.

// word takes any text, or one of the words.
func word(to *string, words ...string) setter {
	return func(text string) error {
		*to = text
		for _, word := range words {
			if text == word {
				return nil
			}
		}
		if len(words) > 0 {
			return fmt.Errorf("'%s' is none of: %s", text, strings.Join(words, ", "))
		}
		return nil
	}
}

func span(to *time.Duration) setter {
	return func(text string) (err error) {
		*to, err = time.ParseDuration(text)
		if err != nil || *to <= 0 {
			return fmt.Errorf("'%s' is not a time above 0; write it like 200ms, 1.5s or 2m", text)
		}
		return nil
	}
}

var (
	counts = map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9}
	sizes  = map[string]float64{"": 1, "k": 1 << 10, "M": 1 << 20}
)

// number takes a plain decimal with a factor that its last letter may name, where it comes to a
// whole number; `meaning` says which.
func number[T int | uint64](to *T, units map[string]float64, least, most float64,
	meaning string) setter {
	return func(text string) error {
		digits := strings.TrimRight(text, "kMG")
		factor, known := units[text[len(digits):]]
		value, err := strconv.ParseFloat(digits, 64)
		value *= factor
		plain := known && err == nil && strings.Trim(digits, "0123456789.") == ""
		if !plain || value != math.Trunc(value) || value < least || value > most {
			return fmt.Errorf("'%s' is not %s", text, meaning)
		}
		*to = T(value)
		return nil
	}
}

func count(to *int) setter {
	return number(to, counts, 1, 10e6, "a number from 1 to 10M; write it like 1000 or 10k")
}

// digest is what a chain comes to; text is 64 hexadecimal digits.
type digest [sha256.Size]byte

func (d digest) MarshalText() ([]byte, error) {
	return []byte(hex.EncodeToString(d[:])), nil
}

func (d *digest) UnmarshalText(text []byte) error {
	bytes, err := hex.DecodeString(string(text))
	if err != nil || len(bytes) != len(d) {
		return fmt.Errorf("'%s' is not 64 hexadecimal digits", text)
	}
	copy(d[:], bytes)
	return nil
}

func formatDuration(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.3g ms", float64(d)/1e6)
}
