CREATE TABLE `books` (
	`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
	`email` varchar(80) NOT NULL,
	`country` varchar(2) NOT NULL,
	INDEX `books_email_index` (`email`),
	INDEX `by_country` (`email`, `country`),
	UNIQUE INDEX `books_country_email_unique` (`country`, `email`)
);
