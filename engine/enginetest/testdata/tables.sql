-- scalars: every scalar type with NULLs, extremes and values that compare in surprising ways
SELECT id, flag, CAST(tiny AS TINYINT) AS tiny, CAST(small AS SMALLINT) AS small, n, CAST(big AS BIGINT) AS big, CAST(f AS FLOAT) AS f, CAST(d AS DOUBLE) AS d,
  CAST(price AS DECIMAL(10,2)) AS price, CAST(huge AS DECIMAL(38,10)) AS huge, s, bin, CAST(day AS DATE) AS day, CAST(ts AS TIMESTAMP) AS ts,
  CAST(ts AS TIMESTAMP_NTZ) AS ntz
FROM VALUES
(1, TRUE, 0, 0, 0, '0', '0', '0', '0.00', '0', '', X'', '1970-01-01', '1970-01-01 00:00:00'),
(2, FALSE, 1, 1, 1, '1', '1.5', '1.5', '1.50', '1.5', 'a', X'00', '2024-02-29', '2024-02-29 23:59:59.999999'),
(3, NULL, -1, -1, -1, '-1', '-1.5', '-1.5', '-1.50', '-1.5', 'A', X'FF', '2023-12-31', '2023-12-31 12:30:45.123456'),
(4, TRUE, 127, 32767, 2147483647, '9223372036854775807', 'Infinity', 'Infinity', '99999999.99', '123456789012345678901234.0123456789', 'zürich', X'C3BC', '9999-12-31', '9999-12-31 23:59:59.999999'),
(5, FALSE, -128, -32768, -2147483648, '-9223372036854775808', '-Infinity', '-Infinity', '-99999999.99', '-123456789012345678901234.0123456789', ' 12 ', X'3132', '0001-01-01', '0001-01-01 00:00:00'),
(6, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(7, TRUE, 7, 700, 70000, '7000000000', 'NaN', 'NaN', '7.25', '7.0000000001', '2024-03-31', X'DEADBEEF', '2024-03-31', '2024-03-31 01:30:00'),
(8, FALSE, 8, 800, 80000, '8000000000', '0.1', '0.1', '0.10', '0.1', '12.5', X'61', '1969-12-31', '1969-12-31 23:59:59.999999'),
(9, TRUE, 1, 10, 100, '1000', '1E10', '1E15', '12.34', '123456789.0123456789', '日本語 text', X'E697A5', '1582-10-15', '1900-01-01 00:00:00'),
(10, NULL, 1, 10, 100, '1000', '1E-10', '1E-15', '12.34', '-0.0000000001', 'true', X'74727565', '2000-01-01', '2000-01-01 00:00:00')
AS v(id, flag, tiny, small, n, big, f, d, price, huge, s, bin, day, ts)

-- nested: arrays, maps and structs, empty, NULL and holding NULLs
SELECT id,
  CASE id WHEN 1 THEN CAST(array(1, 2, 3) AS ARRAY<INT>) WHEN 2 THEN CAST(array(3, NULL, 1) AS ARRAY<INT>) WHEN 3 THEN CAST(array() AS ARRAY<INT>) WHEN 5 THEN CAST(array(2, 2, 2) AS ARRAY<INT>) WHEN 6 THEN CAST(array(2147483647, -2147483648) AS ARRAY<INT>) END AS xs,
  CASE id WHEN 1 THEN CAST(array('a', 'b') AS ARRAY<STRING>) WHEN 2 THEN CAST(array('b', NULL, 'a') AS ARRAY<STRING>) WHEN 3 THEN CAST(array() AS ARRAY<STRING>) WHEN 5 THEN CAST(array('', 'ü', 'x,y') AS ARRAY<STRING>) WHEN 6 THEN CAST(array('a', 'a', 'A') AS ARRAY<STRING>) END AS words,
  CASE id WHEN 1 THEN CAST(array(array(1, 2), array(3)) AS ARRAY<ARRAY<INT>>) WHEN 2 THEN CAST(array(array(NULL), NULL) AS ARRAY<ARRAY<INT>>) WHEN 3 THEN CAST(array() AS ARRAY<ARRAY<INT>>) WHEN 5 THEN CAST(array(array(5, 5), array(5)) AS ARRAY<ARRAY<INT>>) WHEN 6 THEN CAST(array(array(), array(6)) AS ARRAY<ARRAY<INT>>) END AS grid,
  CASE id WHEN 1 THEN CAST(map('a', 1, 'b', 2) AS MAP<STRING, INT>) WHEN 2 THEN CAST(map('a', NULL) AS MAP<STRING, INT>) WHEN 3 THEN CAST(map() AS MAP<STRING, INT>) WHEN 5 THEN CAST(map('', 0, 'ü', 5) AS MAP<STRING, INT>) WHEN 6 THEN CAST(map('z', 26, 'a', 1, 'm', 13) AS MAP<STRING, INT>) END AS m,
  CASE id WHEN 1 THEN CAST(named_struct('a', 1, 'b', 'one') AS STRUCT<a: INT, b: STRING>) WHEN 2 THEN CAST(named_struct('a', NULL, 'b', 'two') AS STRUCT<a: INT, b: STRING>) WHEN 3 THEN CAST(named_struct('a', 3, 'b', NULL) AS STRUCT<a: INT, b: STRING>) WHEN 5 THEN CAST(named_struct('a', 5, 'b', '') AS STRUCT<a: INT, b: STRING>) WHEN 6 THEN CAST(named_struct('a', 1, 'b', 'one') AS STRUCT<a: INT, b: STRING>) END AS st
FROM VALUES (1), (2), (3), (4), (5), (6) AS v(id)

-- orders: rows of few customers, with ties
SELECT id, customer, country, CAST(amount AS DECIMAL(12,2)) AS amount, CAST(at AS TIMESTAMP) AS at, CAST(day AS DATE) AS day, seq FROM VALUES
(1, 10, 'PL', '12.50', '2024-01-01 10:00:00', '2024-01-01', 1),
(2, 10, 'PL', '7.25', '2024-01-01 11:00:00', '2024-01-01', 2),
(3, 11, 'DE', '100.00', '2024-01-02 09:30:00', '2024-01-02', 1),
(4, 11, 'DE', NULL, '2024-01-03 00:00:00', '2024-01-03', 2),
(5, 12, NULL, '0.00', '2024-01-03 12:00:00', '2024-01-03', 1),
(6, NULL, 'FR', '55.55', '2024-02-29 23:59:59', '2024-02-29', 1),
(7, 13, 'FR', '-5.00', NULL, NULL, 3),
(8, 10, 'PL', '12.50', '2024-03-01 00:00:00', '2024-03-01', 3),
(9, 99, 'US', '999.99', '2024-03-01 06:00:00', '2024-03-01', 1),
(10, 11, 'DE', '20.00', '2024-03-02 06:00:00', '2024-03-02', 3)
AS v(id, customer, country, amount, at, day, seq)

-- customers: some without orders, two of one name
SELECT id, name, country, CAST(credit AS DECIMAL(12,2)) AS credit FROM VALUES
(10, 'ann', 'PL', '50.00'), (11, 'bob', 'DE', NULL), (12, 'cyd', 'PL', '10.00'), (13, 'ann', 'FR', '0.00'), (14, 'eve', NULL, '1000.00'), (NULL, 'nobody', 'XX', '1.00')
AS v(id, name, country, credit)

-- empty: no rows
SELECT id, n, s FROM scalars WHERE id < 0
