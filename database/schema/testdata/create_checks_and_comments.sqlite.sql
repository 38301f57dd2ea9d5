CREATE TABLE "books" /* what's in print */ (
	"number" /* of the catalogue */ INTEGER PRIMARY KEY AUTOINCREMENT,
	"price" /* in cents; it's with tax */ INTEGER NOT NULL CONSTRAINT "books_price_check" CHECK (price > 0),
	"sale" INTEGER,
	CONSTRAINT "books_sale_below_price" CHECK (sale < price)
);
