package models

// The methods of Category go here. Kit made this file once and never changes it; the fields
// come from the table categories, by kit db:sync.
