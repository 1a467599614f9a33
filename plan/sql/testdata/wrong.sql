-- Queries with a fault each, an empty line between them: errorplaces_test.go.

SELECT

SELECT 1 FROM

SELECT 1 +

SELECT (1

SELECT 1)

SELECT 'open

SELECT `open

SELECT ``

SELECT 1 /* open

SELECT "x" y z

SELECT 1x

SELECT 99999999999999999999L

SELECT 300Y

SELECT X'0g'

SELECT DATE'2026-13-01'

SELECT TIMESTAMP'nonsense'

SELECT INTERVAL 'x' DAY

SELECT INTERVAL 1 FORTNIGHT

SELECT CAST(1 AS NONSENSE)

SELECT CAST(1 AS DECIMAL(50,2))

SELECT CAST(1 AS ARRAY<INT)

SELECT CAST(array(1) AS INT)

SELECT CAST(DATE'2026-01-01' AS INT)

SELECT CAST(true AS DATE)

SELECT 1 AS

SELECT * FROM orders WHERE

SELECT * FROM orders GROUP

SELECT * FROM orders GROUP BY

SELECT * FROM orders ORDER BY

SELECT * FROM orders LIMIT x

SELECT * FROM orders LIMIT -1

SELECT * FROM orders LIMIT 1.5

SELECT * FROM orders OFFSET 'a'

SELECT * FROM orders JOIN

SELECT * FROM orders JOIN customers ON

SELECT * FROM orders JOIN customers USING

SELECT * FROM orders JOIN customers USING ()

SELECT * FROM orders NATURAL customers

SELECT * FROM orders CROSS JOIN customers USING (customer_id)

SELECT * FROM orders JOIN customers USING (nothing)

SELECT * FROM orders JOIN customers ON 1

SELECT * FROM orders JOIN customers ON nothing = 1

SELECT * FROM nothing

SELECT * FROM nothing.orders

SELECT * FROM orders o(a)

SELECT * FROM (SELECT 1)  AS t(a, b)

SELECT nothing FROM orders

SELECT o.nothing FROM orders o

SELECT x.country FROM orders o

SELECT x.* FROM orders

SELECT country.* FROM orders

SELECT * EXCEPT (nothing) FROM orders

SELECT country, sum(amount) FROM orders

SELECT country, sum(amount) FROM orders GROUP BY customer_id

SELECT sum(sum(amount)) FROM orders

SELECT sum(amount) FROM orders WHERE sum(amount) > 1

SELECT 1 FROM orders GROUP BY sum(amount)

SELECT 1 FROM orders GROUP BY 7

SELECT sum(amount) FROM orders GROUP BY 1

SELECT 1 FROM orders ORDER BY 7

SELECT 1 FROM orders HAVING amount > 1

SELECT country FROM orders GROUP BY country HAVING amount > 1

SELECT rank() FROM orders

SELECT rank() OVER () FROM orders

SELECT rank() OVER w FROM orders

SELECT sum(amount) OVER (ORDER BY amount ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM orders

SELECT sum(amount) OVER (ROWS BETWEEN amount PRECEDING AND CURRENT ROW) FROM orders

SELECT sum(amount) OVER (RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders

SELECT sum(amount) OVER (ORDER BY country RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders

SELECT count(DISTINCT country) OVER () FROM orders

SELECT abs(amount) OVER () FROM orders

SELECT 1 FROM orders WHERE rank() OVER (ORDER BY amount) = 1

SELECT country AS c, max(c) FROM orders GROUP BY country

SELECT amount AS a, order_id AS a, a + 1 FROM orders

SELECT DISTINCT country FROM orders ORDER BY amount

SELECT 1 UNION SELECT 1, 2

SELECT 1 UNION ALL

SELECT array(1) UNION SELECT 1

SELECT 1 INTERSECT SELECT 1, 2

SELECT map(1, 2) EXCEPT SELECT map(1, 2)

VALUES

VALUES (1), (2, 3)

VALUES (1), (array(2))

VALUES (nothing)

WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a

WITH a SELECT 1

WITH a AS SELECT 1

WITH a(x, y) AS (SELECT 1) SELECT * FROM a

SELECT * FROM orders WHERE amount

SELECT * FROM orders WHERE 'a'

SELECT * FROM orders WHERE (SELECT 1, 2) = 1

SELECT * FROM orders WHERE amount IN (SELECT 1, 2)

SELECT * FROM orders WHERE amount IN (SELECT array(1))

SELECT * FROM orders WHERE amount IN ()

SELECT * FROM orders WHERE EXISTS

SELECT (SELECT nothing FROM orders)

SELECT (SELECT amount FROM orders o2 WHERE o2.nothing = o.order_id) FROM orders o

SELECT * FROM orders, LATERAL (SELECT nothing)

SELECT CASE WHEN 1 THEN 2 END

SELECT CASE WHEN true THEN 2 ELSE array(1) END

SELECT CASE END

SELECT CASE WHEN true

SELECT 1 BETWEEN 2

SELECT 1 BETWEEN array(1) AND 2

SELECT 1 IN (array(1))

SELECT 1 + array(1)

SELECT 'a' + true

SELECT NOT 1

SELECT 1 AND true

SELECT true OR 'x'

SELECT array(1) < map(1, 2)

SELECT map(1, 2) = map(1, 2)

SELECT array(1)['a']

SELECT array(1)[true]

SELECT 1[0]

SELECT named_struct('a', 1).b

SELECT named_struct(1)

SELECT named_struct('a')

SELECT named_struct(country, 1) FROM orders

SELECT (1).x

SELECT array(1, array(2))

SELECT map(1)

SELECT map(1, 2, 'a', array(3))

SELECT struct(*)

SELECT abs()

SELECT abs(1, 2)

SELECT abs(array(1))

SELECT abs(*)

SELECT abs(DISTINCT 1)

SELECT abs(1) FILTER (WHERE true)

SELECT upper(array('a'))

SELECT nothing(1)

SELECT uper('a')

SELECT count()

SELECT count(DISTINCT *) FROM orders

SELECT sum(country) FROM orders GROUP BY tags HAVING nothing

SELECT sum(tags) FROM orders

SELECT sum(amount) FILTER (WHERE amount) FROM orders

SELECT avg(tags) FROM orders

SELECT min(map(1, 2))

SELECT percentile(amount, 2) FROM orders

SELECT percentile(amount, amount) FROM orders

SELECT transform(array(1), x -> nothing)

SELECT transform(1, x -> x)

SELECT transform(array(1), (a, b, c) -> a)

SELECT filter(array(1), x -> x + 1)

SELECT aggregate(array(1), 0, (a, x) -> array(a))

SELECT x -> x

SELECT date_add('x', 1)

SELECT date_trunc(1, 2, 3)

SELECT round(1.5, amount) FROM orders

SELECT extract(nothing FROM date'2026-01-01')

SELECT extract(year FROM 1)

SELECT date'2026-01-01' + 1.5

SELECT date'2026-01-01' + date'2026-01-01'

SELECT timestamp'2026-01-01' * 2

SELECT interval 1 day + interval 1 month

SELECT like(1)

SELECT 'a' LIKE 'b' ESCAPE 'cd'

SELECT coalesce()

SELECT coalesce(1, array(1))

SELECT if(1, 2, 3)

SELECT if(true, 2)

SELECT nullif(1)

SELECT greatest(1)

SELECT greatest(map(1, 2), map(1, 2))

SELECT try_cast(1 AS nothing)

SELECT explode(array(1)) + 1

SELECT explode(1)

SELECT 1 WHERE explode(array(1)) = 1

SELECT * FROM nothing(1)

SELECT * FROM range()

SELECT 1 FROM orders LATERAL VIEW nothing(tags) t AS x

SELECT 1 FROM orders LATERAL VIEW explode(country) t AS x

SELECT 1 FROM orders QUALIFY 1

SELECT 1 FROM orders QUALIFY rank() OVER (ORDER BY amount)

SELECT 1 FROM orders WINDOW w AS (), w AS ()

SELECT 1 FROM orders TABLESAMPLE (10 ROWS)

SELECT 1 FROM orders DISTRIBUTE BY country

FROM orders

TABLE nothing

INSERT INTO orders VALUES (1)

SELECT 1 FROM orders VERSION AS OF 1

SELECT 1; SELECT 2

SELECT current_date(1)

SELECT sha2('a', 1, 2)

SELECT get_json_object('a')

SELECT split('a')

SELECT element_at(1, 2)

SELECT element_at(map(1, 2), 'x')

SELECT array_contains(array(1), 'x')

SELECT size(1)

SELECT country.x FROM orders

SELECT tags.x FROM orders

SELECT * FROM orders o JOIN orders o ON o.order_id = 1

SELECT order_id FROM orders a JOIN orders b ON true

SELECT a.b.c.d FROM orders

SELECT date_add(date'2026-01-01', 1.5)

SELECT substring(array(1), 1, 2)

SELECT concat(1, array(1))

SELECT lead(amount, country) OVER (ORDER BY amount) FROM orders

SELECT ntile(0) OVER (ORDER BY amount) FROM orders

SELECT nth_value(amount, 0) OVER (ORDER BY amount) FROM orders

SELECT country,
  contry
FROM orders

SELECT *
FROM (
  SELECT nothing FROM orders
) t
