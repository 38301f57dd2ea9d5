CREATE TABLE "books" (
	"first" varchar(80) NOT NULL,
	"last" varchar(80) NOT NULL,
	"full" varchar(161) GENERATED ALWAYS AS (first || ' ' || last) STORED NOT NULL,
	"size" integer GENERATED ALWAYS AS (length(first)) STORED
);
COMMENT ON COLUMN "books"."size" IS 'of the first name';
