package models

// The methods of Value go here. Kit made this file once and never changes it; the fields
// come from the table values, by kit db:sync.
