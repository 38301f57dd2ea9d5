ALTER TABLE "books" RENAME COLUMN "name" TO "title";
DROP INDEX "books_title_index";
DROP INDEX "books_isbn_unique";
ALTER TABLE "books" DROP COLUMN "old";
ALTER TABLE "books" DROP COLUMN "older";
