CREATE TABLE "books" (
	"a" TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	"b" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
	"c" DATE NOT NULL DEFAULT (date('now')),
	"d" TIME NOT NULL DEFAULT (time('now'))
);
