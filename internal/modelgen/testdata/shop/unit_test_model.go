package models

// The methods of UnitTest go here. Kit made this file once and never changes it; the fields
// come from the table unit_tests, by kit db:sync.
