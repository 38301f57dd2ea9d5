CREATE TABLE "books" (
	"id" INTEGER PRIMARY KEY AUTOINCREMENT,
	"token" TEXT NOT NULL,
	"name" VARCHAR(80) NOT NULL,
	"note" TEXT,
	"count" INTEGER NOT NULL,
	"bytes" INTEGER NOT NULL,
	"done" BOOLEAN NOT NULL,
	"score" REAL NOT NULL,
	"price" NUMERIC(10, 2) NOT NULL,
	"seen_at" TIMESTAMP,
	"day" DATE NOT NULL,
	"settings" JSON TEXT NOT NULL,
	"picture" BLOB NOT NULL,
	"created_at" TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	"updated_at" TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
CREATE UNIQUE INDEX "books_token_unique" ON "books" ("token");
