package models

// The methods of Order go here. Kit made this file once and never changes it; the fields
// come from the table orders, by kit db:sync.
