package schedule

import "github.com/kitgo/kit/internal/place"

// EverySecond makes the entry due every second.
func (e *Entry) EverySecond() *Entry { return e.setClock("EverySecond", "* * *", place.Caller()) }

// EveryTwoSeconds makes the entry due in every even second of each minute.
func (e *Entry) EveryTwoSeconds() *Entry {
	return e.setClock("EveryTwoSeconds", "*/2 * *", place.Caller())
}

// EveryFiveSeconds makes the entry due at seconds 0, 5, 10 … of each minute.
func (e *Entry) EveryFiveSeconds() *Entry {
	return e.setClock("EveryFiveSeconds", "*/5 * *", place.Caller())
}

// EveryTenSeconds makes the entry due at seconds 0, 10, 20 … of each minute.
func (e *Entry) EveryTenSeconds() *Entry {
	return e.setClock("EveryTenSeconds", "*/10 * *", place.Caller())
}

// EveryFifteenSeconds makes the entry due at seconds 0, 15, 30 and 45 of each minute.
func (e *Entry) EveryFifteenSeconds() *Entry {
	return e.setClock("EveryFifteenSeconds", "*/15 * *", place.Caller())
}

// EveryTwentySeconds makes the entry due at seconds 0, 20 and 40 of each minute.
func (e *Entry) EveryTwentySeconds() *Entry {
	return e.setClock("EveryTwentySeconds", "*/20 * *", place.Caller())
}

// EveryThirtySeconds makes the entry due at seconds 0 and 30 of each minute.
func (e *Entry) EveryThirtySeconds() *Entry {
	return e.setClock("EveryThirtySeconds", "*/30 * *", place.Caller())
}
