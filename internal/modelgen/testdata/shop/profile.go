package models

// The methods of Profile go here. Kit made this file once and never changes it; the fields
// come from the table profiles, by kit db:sync.
