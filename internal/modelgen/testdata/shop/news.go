package models

// The methods of News go here. Kit made this file once and never changes it; the fields
// come from the table news, by kit db:sync.
