// Package blog has a type that package shop has, too.
package blog

// Post is one of two types of that name.
type Post struct {
	Text string `json:"text"`
}
