CREATE TABLE "books" (
	"id" INTEGER PRIMARY KEY AUTOINCREMENT,
	"email" VARCHAR(80) NOT NULL,
	"country" VARCHAR(2) NOT NULL
);
CREATE INDEX "books_email_index" ON "books" ("email");
CREATE INDEX "by_country" ON "books" ("email", "country");
CREATE UNIQUE INDEX "books_country_email_unique" ON "books" ("country", "email");
