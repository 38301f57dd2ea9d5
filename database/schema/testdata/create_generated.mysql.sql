CREATE TABLE `books` (
	`first` varchar(80) NOT NULL,
	`last` varchar(80) NOT NULL,
	`full` varchar(161) GENERATED ALWAYS AS (first || ' ' || last) STORED,
	`size` int GENERATED ALWAYS AS (length(first)) STORED COMMENT 'of the first name'
);
