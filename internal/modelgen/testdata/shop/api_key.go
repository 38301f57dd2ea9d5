package models

// The methods of APIKey go here. Kit made this file once and never changes it; the fields
// come from the table api_keys, by kit db:sync.
