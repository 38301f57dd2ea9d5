ALTER TABLE `books`
	DROP FOREIGN KEY `books_author_id_foreign`,
	DROP FOREIGN KEY `books_city`,
	DROP CONSTRAINT `books_price_check`,
	DROP CONSTRAINT `books_sale`,
	RENAME INDEX `a` TO `b`,
	DROP PRIMARY KEY,
	ADD COLUMN `pages` int,
	ADD PRIMARY KEY (`isbn`),
	ADD CONSTRAINT `books_pages_check` CHECK (pages > 0),
	ADD CONSTRAINT `books_price_check` CHECK (price >= 0),
	ADD CONSTRAINT `books_publisher_id_foreign` FOREIGN KEY (`publisher_id`) REFERENCES `publishers` (`id`) ON DELETE CASCADE,
	COMMENT = 'books';
