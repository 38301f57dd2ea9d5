CREATE TABLE `books` (
	`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
	`a_column_whose_name_is_long_enough_to_be_cut_by_postgres` varchar(10) NOT NULL,
	`quote"d` varchar(10) NOT NULL,
	`quote``d` varchar(10) NOT NULL,
	UNIQUE INDEX `books_a_column_whose_name_is_long_enough_to_be_cut_by__f3d3f65d` (`a_column_whose_name_is_long_enough_to_be_cut_by_postgres`)
);
