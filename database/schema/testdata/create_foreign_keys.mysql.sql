CREATE TABLE `books` (
	`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
	`author_id` bigint NOT NULL,
	`editor_id` bigint,
	`shelf_id` bigint NOT NULL,
	INDEX `books_author_id_index` (`author_id`),
	CONSTRAINT `books_author_id_foreign` FOREIGN KEY (`author_id`) REFERENCES `authors` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION,
	CONSTRAINT `books_editor_id_foreign` FOREIGN KEY (`editor_id`) REFERENCES `authors` (`id`) ON DELETE SET NULL,
	CONSTRAINT `books_shelf_id_foreign` FOREIGN KEY (`shelf_id`) REFERENCES `shelves` (`id`) ON DELETE RESTRICT
);
