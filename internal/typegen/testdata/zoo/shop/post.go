// Package shop has a type that package blog has, too.
package shop

// Post is one of two types of that name.
type Post struct {
	Weight float64 `json:"weight"`
}

// Order has a name of its own.
type Order struct {
	Posts []Post `json:"posts"`
}
