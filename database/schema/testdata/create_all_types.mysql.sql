CREATE TABLE `books` (
	`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
	`token` char(36) NOT NULL,
	`name` varchar(80) NOT NULL,
	`note` longtext,
	`count` int NOT NULL,
	`bytes` bigint NOT NULL,
	`done` boolean NOT NULL,
	`score` double NOT NULL,
	`price` decimal(10, 2) NOT NULL,
	`seen_at` datetime(6),
	`day` date NOT NULL,
	`settings` json NOT NULL,
	`picture` longblob NOT NULL,
	`created_at` datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
	`updated_at` datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
	UNIQUE INDEX `books_token_unique` (`token`)
);
