CREATE TABLE "books" (
	"id" CHAR(26) NOT NULL,
	"country" CHAR(2) NOT NULL DEFAULT 'it',
	"status" TEXT NOT NULL DEFAULT 'new' CONSTRAINT "books_status_enum" CHECK ("status" IN ('new', 'paid', 'it''s')),
	"rank" INTEGER NOT NULL,
	"begins_at" DATETIME NOT NULL DEFAULT '2026-01-02 03:04:05+00:00',
	"opens_at" TIME NOT NULL DEFAULT '08:00:00',
	"closes_at" TIME NOT NULL DEFAULT '18:00:00',
	"owner_id" TEXT NOT NULL,
	"parent_id" CHAR(26),
	"tagged_type" VARCHAR(255) NOT NULL,
	"tagged_id" INTEGER NOT NULL,
	"seen_type" VARCHAR(255),
	"seen_id" INTEGER,
	"read_type" VARCHAR(255) NOT NULL,
	"read_id" TEXT NOT NULL,
	"kept_type" VARCHAR(255) NOT NULL,
	"kept_id" CHAR(26) NOT NULL,
	"deleted_at" TIMESTAMP,
	PRIMARY KEY ("id"),
	CONSTRAINT "books_owner_id_foreign" FOREIGN KEY ("owner_id") REFERENCES "owners" ("id") ON DELETE CASCADE,
	CONSTRAINT "books_parent_id_foreign" FOREIGN KEY ("parent_id") REFERENCES "books" ("id")
);
CREATE INDEX "books_status_index" ON "books" ("status");
CREATE INDEX "books_tagged_type_tagged_id_index" ON "books" ("tagged_type", "tagged_id");
CREATE INDEX "books_seen_type_seen_id_index" ON "books" ("seen_type", "seen_id");
CREATE INDEX "books_read_type_read_id_index" ON "books" ("read_type", "read_id");
CREATE INDEX "books_kept_type_kept_id_index" ON "books" ("kept_type", "kept_id");
