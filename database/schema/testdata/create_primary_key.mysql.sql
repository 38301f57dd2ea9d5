CREATE TABLE `books` (
	`book_id` bigint NOT NULL,
	`tag_id` bigint NOT NULL,
	PRIMARY KEY (`book_id`, `tag_id`),
	UNIQUE INDEX `books_tag_id_book_id_unique` (`tag_id`, `book_id`)
);
