ALTER TABLE "books" ADD COLUMN "isbn" varchar(13);
ALTER TABLE "books" ADD COLUMN "publisher_id" bigint;
ALTER TABLE "books" ADD COLUMN "pages" integer NOT NULL DEFAULT 0;
ALTER TABLE "books" ADD CONSTRAINT "books_publisher_id_foreign" FOREIGN KEY ("publisher_id") REFERENCES "publishers" ("id") ON DELETE SET NULL;
CREATE UNIQUE INDEX "books_isbn_unique" ON "books" ("isbn");
CREATE INDEX "books_publisher_id_pages_index" ON "books" ("publisher_id", "pages");
