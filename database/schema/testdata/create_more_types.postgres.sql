CREATE TABLE "books" (
	"id" char(26) NOT NULL,
	"country" char(2) NOT NULL DEFAULT 'it',
	"status" text NOT NULL DEFAULT 'new',
	"rank" smallint NOT NULL,
	"begins_at" timestamp NOT NULL DEFAULT '2026-01-02 03:04:05',
	"opens_at" time(0) NOT NULL DEFAULT '08:00:00',
	"closes_at" time(0) NOT NULL DEFAULT '18:00:00',
	"owner_id" uuid NOT NULL,
	"parent_id" char(26),
	"tagged_type" varchar(255) NOT NULL,
	"tagged_id" bigint NOT NULL,
	"seen_type" varchar(255),
	"seen_id" bigint,
	"read_type" varchar(255) NOT NULL,
	"read_id" uuid NOT NULL,
	"kept_type" varchar(255) NOT NULL,
	"kept_id" char(26) NOT NULL,
	"deleted_at" timestamptz,
	PRIMARY KEY ("id"),
	CONSTRAINT "books_status_enum" CHECK ("status" IN ('new', 'paid', 'it''s')),
	CONSTRAINT "books_owner_id_foreign" FOREIGN KEY ("owner_id") REFERENCES "owners" ("id") ON DELETE CASCADE,
	CONSTRAINT "books_parent_id_foreign" FOREIGN KEY ("parent_id") REFERENCES "books" ("id")
);
CREATE INDEX "books_status_index" ON "books" ("status");
CREATE INDEX "books_tagged_type_tagged_id_index" ON "books" ("tagged_type", "tagged_id");
CREATE INDEX "books_seen_type_seen_id_index" ON "books" ("seen_type", "seen_id");
CREATE INDEX "books_read_type_read_id_index" ON "books" ("read_type", "read_id");
CREATE INDEX "books_kept_type_kept_id_index" ON "books" ("kept_type", "kept_id");
