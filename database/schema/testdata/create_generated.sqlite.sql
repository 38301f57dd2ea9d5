CREATE TABLE "books" (
	"first" VARCHAR(80) NOT NULL,
	"last" VARCHAR(80) NOT NULL,
	"full" VARCHAR(161) GENERATED ALWAYS AS (first || ' ' || last) STORED NOT NULL,
	"size" /* of the first name */ INTEGER GENERATED ALWAYS AS (length(first)) STORED
);
