ALTER TABLE "books" ADD COLUMN "isbn" VARCHAR(13);
ALTER TABLE "books" ADD COLUMN "publisher_id" INTEGER REFERENCES "publishers" ("id") ON DELETE SET NULL;
ALTER TABLE "books" ADD COLUMN "pages" INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX "books_isbn_unique" ON "books" ("isbn");
CREATE INDEX "books_publisher_id_pages_index" ON "books" ("publisher_id", "pages");
