package factory

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Fake invents the data of one row. What it returns follows from the seed of the factory
// and the number of the row alone.
type Fake struct {
	random      *rand.Rand
	number      uint64
	mark        string // of the factory's seed
	first, last string // of the last name
	emails      int
}

func newFake(seed, number uint64) *Fake {
	random := rand.New(rand.NewPCG(seed, mix(number))) //nolint:gosec // not for secrets
	return &Fake{random: random, number: number, mark: strconv.FormatUint(mix(seed)%(36*36*36*36), 36)}
}

// mix spreads seeds that are near each other, as SplitMix64 does
// (https://prng.di.unimi.it/splitmix64.c).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// Number returns the number of the row in its factory, from 1, for what must be unique.
func (f *Fake) Number() int { return int(f.number) } //nolint:gosec // nobody makes 2^63 rows

// Rand returns the source of what is invented, for data of one's own.
func (f *Fake) Rand() *rand.Rand { return f.random }

// Pick returns one of some values, of which there must be one.
func Pick[E any](f *Fake, values ...E) E { return values[f.random.IntN(len(values))] }

// Bool returns true or false, each half of the time.
func (f *Fake) Bool() bool { return f.random.IntN(2) == 0 }

// Int returns a number from low to high, both included. It panics when high is below low.
func (f *Fake) Int(low, high int) int {
	if high < low {
		panic("factory: Int(" + strconv.Itoa(low) + ", " + strconv.Itoa(high) + ") is no range")
	}
	span := uint64(high) - uint64(low)
	if span == 1<<64-1 {
		return int(f.random.Uint64())
	}
	return int(uint64(low) + f.random.Uint64N(span+1))
}

// Float returns a number from low up to, but not including, high.
func (f *Fake) Float(low, high float64) float64 { return low + f.random.Float64()*(high-low) }

// Date returns a time from low up to, but not including, high, in UTC and whole seconds,
// which all databases can store. It panics when they are less than a second apart.
func (f *Fake) Date(low, high time.Time) time.Time {
	return time.Unix(low.Unix()+f.random.Int64N(high.Unix()-low.Unix()), 0).UTC()
}

// UUID returns a random UUID, version 4 (RFC 9562).
func (f *Fake) UUID() string {
	const digits = "0123456789abcdef"
	id := []byte("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx")
	for i, c := range id {
		switch c {
		case 'x':
			id[i] = digits[f.random.IntN(16)]
		case 'y':
			id[i] = digits[8+f.random.IntN(4)]
		}
	}
	return string(id)
}

// Word returns a word, in lower case.
func (f *Fake) Word() string { return f.of(words) }

// Words returns n words, separated by blanks.
func (f *Fake) Words(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = f.Word()
	}
	return strings.Join(list, " ")
}

// Sentence returns 4 to 12 words as a sentence, at most 120 bytes.
func (f *Fake) Sentence() string {
	s := f.Words(f.Int(4, 12))
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// Paragraph returns 3 to 6 sentences.
func (f *Fake) Paragraph() string {
	list := make([]string, f.Int(3, 6))
	for i := range list {
		list[i] = f.Sentence()
	}
	return strings.Join(list, " ")
}

// of returns one of the words of a list.
func (f *Fake) of(list []string) string { return list[f.random.IntN(len(list))] }
