package models

// The methods of Post go here. Kit made this file once and never changes it; the fields
// come from the table posts, by kit db:sync.
