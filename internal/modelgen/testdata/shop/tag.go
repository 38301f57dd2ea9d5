package models

// The methods of Tag go here. Kit made this file once and never changes it; the fields
// come from the table tags, by kit db:sync.
