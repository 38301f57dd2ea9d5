CREATE TABLE `books` (
	`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
	`name` varchar(80) NOT NULL DEFAULT 'it''s "new"? \\',
	`note` longtext NOT NULL DEFAULT ('none'),
	`count` int NOT NULL DEFAULT -3,
	`score` double NOT NULL DEFAULT 1.5,
	`done` boolean NOT NULL DEFAULT FALSE,
	`open` boolean NOT NULL DEFAULT TRUE,
	`since` datetime(6) NOT NULL DEFAULT '2026-01-02 02:04:05',
	`day` date NOT NULL DEFAULT '2026-01-02',
	`answer` int NOT NULL DEFAULT (6 * 7)
);
