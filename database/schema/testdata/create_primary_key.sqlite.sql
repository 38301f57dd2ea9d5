CREATE TABLE "books" (
	"book_id" INTEGER NOT NULL,
	"tag_id" INTEGER NOT NULL,
	PRIMARY KEY ("book_id", "tag_id")
);
CREATE UNIQUE INDEX "books_tag_id_book_id_unique" ON "books" ("tag_id", "book_id");
