package models

// The methods of New go here. Kit made this file once and never changes it; the fields
// come from the table new, by kit db:sync.
