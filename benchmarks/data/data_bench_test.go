package data_test

import "testing"

func BenchmarkSQLite(b *testing.B) { benchmark(b, onSQLite) }

func BenchmarkPostgreSQL(b *testing.B) { benchmark(b, onPostgres) }

func benchmark(b *testing.B, open func(testing.TB) *place) {
	list := contenders(b, open)
	for _, k := range tasks() {
		for _, c := range list {
			b.Run(k.name+"/"+c.name, func(b *testing.B) {
				if err := k.measure(b, c); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
