CREATE TABLE `books` (
	`number` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'of the catalogue',
	`price` int NOT NULL COMMENT 'in cents; it''s with tax',
	`sale` int,
	CONSTRAINT `books_price_check` CHECK (price > 0),
	CONSTRAINT `books_sale_below_price` CHECK (sale < price)
) COMMENT = 'what''s in print';
