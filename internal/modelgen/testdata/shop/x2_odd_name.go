package models

// The methods of X2OddName go here. Kit made this file once and never changes it; the fields
// come from the table 2 odd-names, by kit db:sync.
