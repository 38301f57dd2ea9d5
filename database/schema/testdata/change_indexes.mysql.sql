ALTER TABLE `books`
	DROP INDEX `books_title_index`,
	DROP INDEX `books_by_year`,
	ADD INDEX `books_author_index` (`author`),
	ADD UNIQUE INDEX `books_number` (`isbn`);
