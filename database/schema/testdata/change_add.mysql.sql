ALTER TABLE `books`
	ADD COLUMN `isbn` varchar(13),
	ADD COLUMN `publisher_id` bigint,
	ADD COLUMN `pages` int NOT NULL DEFAULT 0,
	ADD UNIQUE INDEX `books_isbn_unique` (`isbn`),
	ADD INDEX `books_publisher_id_pages_index` (`publisher_id`, `pages`),
	ADD CONSTRAINT `books_publisher_id_foreign` FOREIGN KEY (`publisher_id`) REFERENCES `publishers` (`id`) ON DELETE SET NULL;
