package models

// The methods of PostTag go here. Kit made this file once and never changes it; the fields
// come from the table post_tags, by kit db:sync.
