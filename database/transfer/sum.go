package transfer

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
)

// buckets is into how many parts the sum of a table is divided, to find the row that
// differs.
const buckets = 1024

// sum is what a table has, in any order: the sum of the hashes of its rows.
type sum struct {
	rows    int64
	low, hi uint64
	parts   [buckets]uint64
	hash    hash.Hash
}

func newSum() *sum { return &sum{hash: sha256.New()} }

// add adds a row.
func (s *sum) add(r row) {
	s.hash.Reset()
	for _, v := range r.values {
		writeField(s.hash, v)
	}
	digest := s.hash.Sum(nil)
	low := binary.LittleEndian.Uint64(digest)
	s.rows++
	s.low += low
	s.hi += binary.LittleEndian.Uint64(digest[8:])
	s.parts[bucket(r.key)] += low
}

func writeField(h hash.Hash, v value) {
	var head [9]byte
	if !v.null {
		head[0] = 1
		binary.LittleEndian.PutUint64(head[1:], uint64(len(v.canon)))
	}
	_, _ = h.Write(head[:])
	_, _ = h.Write([]byte(v.canon))
}

// bucket returns the part of a key (FNV-1a).
func bucket(key string) int {
	n := uint32(2166136261)
	for i := range len(key) {
		n = (n ^ uint32(key[i])) * 16777619
	}
	return int(n % buckets)
}

func (s *sum) equal(o *sum) bool { return s.rows == o.rows && s.low == o.low && s.hi == o.hi }

// String is the checksum of the table.
func (s *sum) String() string { return fmt.Sprintf("%016x%016x", s.hi, s.low) }
