CREATE TABLE "books" (
	"first" VARCHAR(80) NOT NULL,
	"size" INTEGER GENERATED ALWAYS AS (length(first)) VIRTUAL NOT NULL
);
CREATE INDEX "books_size_index" ON "books" ("size");
