CREATE TABLE "books" (
	"id" INTEGER PRIMARY KEY AUTOINCREMENT,
	"author_id" INTEGER NOT NULL,
	"editor_id" INTEGER,
	"shelf_id" INTEGER NOT NULL,
	CONSTRAINT "books_author_id_foreign" FOREIGN KEY ("author_id") REFERENCES "authors" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
	CONSTRAINT "books_editor_id_foreign" FOREIGN KEY ("editor_id") REFERENCES "authors" ("id") ON DELETE SET NULL,
	CONSTRAINT "books_shelf_id_foreign" FOREIGN KEY ("shelf_id") REFERENCES "shelves" ("id") ON DELETE RESTRICT
);
CREATE INDEX "books_author_id_index" ON "books" ("author_id");
