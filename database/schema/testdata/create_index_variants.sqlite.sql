CREATE TABLE "books" (
	"id" INTEGER PRIMARY KEY AUTOINCREMENT,
	"email" VARCHAR(80) NOT NULL,
	"deleted_at" TIMESTAMP
);
CREATE UNIQUE INDEX "books_email_unique" ON "books" ("email") WHERE deleted_at IS NULL;
CREATE INDEX "books_email_lower" ON "books" ((lower(email)), (length(email)));
CREATE UNIQUE INDEX "books_email_one" ON "books" ((lower(email))) WHERE email <> '';
