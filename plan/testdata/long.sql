WITH
  -- Orders that count, with the customer's country where the order has none.
  valid AS (
    SELECT
      o.id,
      o.customer,
      coalesce(o.country, c.country, 'unknown') AS country,
      o.amount,
      o.seq,
      lower(trim(o.note)) AS note,
      CASE
        WHEN o.amount >= 1000 THEN 'large'
        WHEN o.amount >= 100 THEN 'medium'
        WHEN o.amount IS NULL THEN 'none'
        ELSE 'small'
      END AS size
    FROM orders o
    LEFT JOIN customers c ON o.customer = c.id
    WHERE o.amount > 0
      AND (o.note IS NULL OR o.note NOT LIKE 'test%')
      AND o.seq BETWEEN 1 AND 1000000
  ),
  -- The newest row of each order.
  newest AS (
    SELECT *
    FROM valid
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY seq DESC) = 1
  ),
  -- What was ordered, line by line.
  priced AS (
    SELECT
      n.id,
      n.customer,
      n.country,
      n.size,
      p.category,
      l.product,
      l.quantity,
      l.quantity * p.list_price AS list_value,
      n.amount
    FROM newest n
    JOIN lines l ON l.id = n.id
    JOIN products p ON p.product_id = l.product
    WHERE l.quantity > 0
      AND p.list_price IS NOT NULL
  ),
  -- Totals by country and category.
  totals AS (
    SELECT
      country,
      category,
      count(*) AS positions,
      count(DISTINCT customer) AS customers,
      sum(quantity) AS units,
      sum(list_value) AS list_value,
      avg(amount) AS average,
      max(amount) FILTER (WHERE size = 'large') AS largest
    FROM priced
    GROUP BY country, category
    HAVING count(*) > 1
  ),
  -- The share of each category within its country.
  shares AS (
    SELECT
      country,
      category,
      positions,
      customers,
      units,
      list_value,
      average,
      largest,
      list_value / sum(list_value) OVER (PARTITION BY country) AS share,
      rank() OVER (PARTITION BY country ORDER BY list_value DESC) AS place
    FROM totals
  ),
  -- Countries in which somebody with a high limit lives.
  rich AS (
    SELECT country
    FROM customers
    WHERE limit_ > (SELECT avg(limit_) FROM customers)
    GROUP BY country
  )
SELECT
  s.country,
  s.category,
  s.positions,
  s.customers,
  s.units,
  round(s.list_value, 2) AS list_value,
  round(s.average, 2) AS average,
  coalesce(s.largest, 0) AS largest,
  round(100 * s.share, 1) AS percent,
  s.place,
  (SELECT count(*) FROM newest n WHERE n.country = s.country) AS orders
FROM shares s
WHERE s.place <= 5
  AND s.country IN (SELECT country FROM rich)
  AND EXISTS (SELECT 1 FROM customers c WHERE c.country = s.country AND c.name IS NOT NULL)
ORDER BY s.country, s.place, s.category
LIMIT 100
