CREATE TABLE "books" (
	"id" INTEGER PRIMARY KEY AUTOINCREMENT,
	"a_column_whose_name_is_long_enough_to_be_cut_by_postgres" VARCHAR(10) NOT NULL,
	"quote""d" VARCHAR(10) NOT NULL,
	"quote`d" VARCHAR(10) NOT NULL
);
CREATE UNIQUE INDEX "books_a_column_whose_name_is_long_enough_to_be_cut_by__f3d3f65d" ON "books" ("a_column_whose_name_is_long_enough_to_be_cut_by_postgres");
