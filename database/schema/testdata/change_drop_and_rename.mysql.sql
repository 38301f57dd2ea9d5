ALTER TABLE `books`
	RENAME COLUMN `name` TO `title`,
	DROP INDEX `books_title_index`,
	DROP INDEX `books_isbn_unique`,
	DROP COLUMN `old`,
	DROP COLUMN `older`;
