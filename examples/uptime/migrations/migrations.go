// Package migrations is the history of the database's schema.
package migrations

import (
	"embed"

	"github.com/kitgo/kit/database/migrate"
)

// files is this folder: the migrations written in SQL, and the sources of those in
// Go, by which a change after one was applied is noticed.
//
//go:embed *
var files embed.FS

// All is the history. Migrations run in the order of their names; a pair of files
// NAME.up.sql and NAME.down.sql is one without being listed.
var All = migrate.Set{
	List: []migrate.Migration{
		createUsersTable,
		createSitesTable,
		createChecksTable,
		createIncidentsTable,
	},
	Files: files,
}
