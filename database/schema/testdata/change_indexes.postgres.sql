DROP INDEX CONCURRENTLY "books_title_index";
DROP INDEX "books_by_year";
CREATE INDEX CONCURRENTLY "books_author_index" ON "books" ("author");
CREATE UNIQUE INDEX CONCURRENTLY "books_number" ON "books" ("isbn");
