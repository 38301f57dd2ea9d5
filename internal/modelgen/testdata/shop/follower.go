package models

// The methods of Follower go here. Kit made this file once and never changes it; the fields
// come from the table followers, by kit db:sync.
