package models

// The methods of User go here. Kit made this file once and never changes it; the fields
// come from the table users, by kit db:sync.
