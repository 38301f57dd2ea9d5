CREATE TABLE "books" (
	"country" varchar(2) NOT NULL,
	"zip" varchar(10) NOT NULL,
	PRIMARY KEY ("country", "zip"),
	CONSTRAINT "books_city" FOREIGN KEY ("country", "zip") REFERENCES "cities" ("country", "zip") ON DELETE RESTRICT
);
