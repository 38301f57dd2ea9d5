DROP INDEX "books_title_index";
DROP INDEX "books_by_year";
CREATE INDEX "books_author_index" ON "books" ("author");
CREATE UNIQUE INDEX "books_number" ON "books" ("isbn");
