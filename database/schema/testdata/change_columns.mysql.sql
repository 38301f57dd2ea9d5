ALTER TABLE `books`
	CHANGE COLUMN `name` `title` varchar(300) NOT NULL,
	MODIFY COLUMN `note` longtext COMMENT 'for us',
	MODIFY COLUMN `status` enum('a', 'b') NOT NULL DEFAULT 'a',
	MODIFY COLUMN `pages` bigint NOT NULL DEFAULT 0;
