CREATE TABLE `books` (
	`first` varchar(80) NOT NULL,
	`size` int GENERATED ALWAYS AS (length(first)) VIRTUAL,
	INDEX `books_size_index` (`size`)
);
