BEFORE THE FIRST RUN

bronze.payments  on warehouse (first engine that supports it), reads 49 B
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    -- landing/*.json is read by this process, and staged as `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`
    -- `main`.`bronze`.`payments` is made in the lake: (_medallion_batch BIGINT, id BIGINT, `the; payer--` STRING, order BIGINT, op STRING)
    MERGE INTO `main`.`bronze`.`payments` AS target USING (
    SELECT id, `the; payer--`, `order`, op, 0L AS _medallion_batch
    FROM (SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`) AS json
    ) AS source
    ON target._medallion_batch = 0
    WHEN NOT MATCHED THEN INSERT (id, `the; payer--`, `order`, op, _medallion_batch) VALUES (source.id, source.`the; payer--`, source.`order`, source.op, source._medallion_batch);
    ALTER TABLE `main`.`bronze`.`payments` SET TBLPROPERTIES ('medallion.flow.bronze.payments' = '0', 'medallion.info.bronze.payments' = '{"flow":"bronze.payments","batch":0,"run":"00000000-0000-0000-0000-000000000001","mode":"append","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');

silver.payments  on warehouse (first engine that supports it), reads at least 0 B, an input does not exist yet
    -- silver.payments has nothing to do: nothing new in bronze.payments
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000001_1' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT
      id AS c0,
      `the; payer--` AS c1,
      `order` AS c2,
      op AS c3,
      CASE WHEN op IN ('U', 'D') THEN TRUE ELSE FALSE END AS r0,
      CASE WHEN id IS NOT NULL THEN TRUE ELSE FALSE END AS r1,
      CASE WHEN `order` > 0L THEN TRUE ELSE FALSE END AS r2,
      CASE WHEN `order` < 1000000L THEN TRUE ELSE FALSE END AS r3
    FROM (SELECT
      CAST(NULL AS BIGINT) AS id,
      CAST(NULL AS STRING) AS `the; payer--`,
      CAST(NULL AS BIGINT) AS `order`,
      CAST(NULL AS STRING) AS op
    WHERE FALSE) AS payments;
    SELECT
      count(*) AS n,
      count(CASE WHEN r0 THEN 1 ELSE CAST(NULL AS INT) END) AS n0,
      count(CASE WHEN r1 THEN 1 ELSE CAST(NULL AS INT) END) AS n1,
      count(CASE WHEN r2 THEN 1 ELSE CAST(NULL AS INT) END) AS n2,
      count(CASE WHEN r3 THEN 1 ELSE CAST(NULL AS INT) END) AS n3,
      count(CASE WHEN NOT r2 THEN 1 ELSE CAST(NULL AS INT) END) AS n4,
      count(CASE WHEN r2 AND NOT r1 THEN 1 ELSE CAST(NULL AS INT) END) AS n5
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`;
    -- `main`.`silver`.`payments` is made in the lake: (_medallion_batch BIGINT, id BIGINT, `the; payer--` STRING, order BIGINT, op STRING)
    -- `main`.`silver`.`payments_quarantine` is made in the lake: (id BIGINT, `the; payer--` STRING, order BIGINT, op STRING, _rules ARRAY<STRING> NOT NULL, _source STRING NOT NULL, _batch BIGINT NOT NULL, _quarantined_at TIMESTAMP NOT NULL)
    INSERT INTO `main`.`silver`.`payments_quarantine`
    SELECT
      c0 AS id,
      c1 AS `the; payer--`,
      c2 AS `order`,
      c3 AS op,
      filter(array(CASE WHEN NOT r0 THEN 'it\'s known' ELSE CAST(NULL AS STRING) END, CASE WHEN NOT r1 THEN 'has id' ELSE CAST(NULL AS STRING) END, CASE WHEN NOT r2 THEN 'positive' ELSE CAST(NULL AS STRING) END, CASE WHEN NOT r3 THEN 'sane' ELSE CAST(NULL AS STRING) END), name -> name IS NOT NULL) AS _rules,
      'silver.payments' AS _source,
      0L AS _batch,
      TIMESTAMP '2026-01-01 00:00:00' AS _quarantined_at
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`
    WHERE NOT r2;
    MERGE INTO `main`.`silver`.`payments` AS target USING (
    SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op, 0L AS _medallion_batch
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`
    WHERE r2 AND r1
    ) AS source
    ON target._medallion_batch = 0
    WHEN NOT MATCHED THEN INSERT (id, `the; payer--`, `order`, op, _medallion_batch) VALUES (source.id, source.`the; payer--`, source.`order`, source.op, source._medallion_batch);
    ALTER TABLE `main`.`silver`.`payments` SET TBLPROPERTIES ('medallion.flow.silver.payments' = '0', 'medallion.info.silver.payments' = '{"flow":"silver.payments","batch":0,"run":"00000000-0000-0000-0000-000000000001","mode":"append","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":[{"name":"it\'s known","action":0,"passed_records":0,"failed_records":0},{"name":"has id","action":1,"passed_records":0,"failed_records":0},{"name":"positive","action":2,"passed_records":0,"failed_records":0},{"name":"sane","action":3,"passed_records":0,"failed_records":0}]}');

silver.upserted  on warehouse (first engine that supports it), reads at least 0 B, an input does not exist yet
    -- `main`.`silver`.`upserted` is made in the lake: (_medallion_batch BIGINT, _medallion_flow STRING, id BIGINT, `the; payer--` STRING, order BIGINT, op STRING)
    MERGE INTO `main`.`silver`.`upserted` AS target USING (
    SELECT id, `the; payer--`, `order`, op, 0L AS _medallion_batch, 'silver.upserted/once' AS _medallion_flow
    FROM (SELECT
      CAST(NULL AS BIGINT) AS id,
      CAST(NULL AS STRING) AS `the; payer--`,
      CAST(NULL AS BIGINT) AS `order`,
      CAST(NULL AS STRING) AS op
    WHERE FALSE) AS payments
    WHERE id = 0L
    ) AS source
    ON target._medallion_batch = 0 AND target._medallion_flow = 'silver.upserted/once'
    WHEN NOT MATCHED THEN INSERT (id, `the; payer--`, `order`, op, _medallion_batch, _medallion_flow) VALUES (source.id, source.`the; payer--`, source.`order`, source.op, source._medallion_batch, source._medallion_flow);
    ALTER TABLE `main`.`silver`.`upserted` SET TBLPROPERTIES ('medallion.flow.silver.upserted/once' = '0', 'medallion.info.silver.upserted/once' = '{"flow":"silver.upserted/once","batch":0,"run":"00000000-0000-0000-0000-000000000001","mode":"append","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');
    -- silver.upserted/upsert has nothing to do: nothing new in bronze.payments
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000001_1' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT id AS c0, `the; payer--` AS c1, `order` AS c2, op AS c3
    FROM (SELECT
      CAST(NULL AS BIGINT) AS id,
      CAST(NULL AS STRING) AS `the; payer--`,
      CAST(NULL AS BIGINT) AS `order`,
      CAST(NULL AS STRING) AS op
    WHERE FALSE) AS payments;
    SELECT count(CASE WHEN c0 IS NULL THEN 1 ELSE CAST(NULL AS INT) END) AS n0
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`;
    SELECT count(*) AS n
    FROM (
      SELECT c0 AS id, count(*) AS `count(1)`
      FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`
      GROUP BY c0
    ) AS grouped
    WHERE `count(1)` > 1L;
    -- `main`.`silver`.`upserted` is made in the lake: (id BIGINT, `the; payer--` STRING, order BIGINT, op STRING)
    MERGE INTO `main`.`silver`.`upserted` AS target USING (
    SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`
    ) AS source
    ON target.id = source.id
    WHEN MATCHED THEN UPDATE SET target.id = source.id, target.`the; payer--` = source.`the; payer--`, target.`order` = source.`order`, target.op = source.op
    WHEN NOT MATCHED THEN INSERT (id, `the; payer--`, `order`, op) VALUES (source.id, source.`the; payer--`, source.`order`, source.op);
    ALTER TABLE `main`.`silver`.`upserted` SET TBLPROPERTIES ('medallion.flow.silver.upserted/upsert' = '0', 'medallion.info.silver.upserted/upsert' = '{"flow":"silver.upserted/upsert","batch":0,"run":"00000000-0000-0000-0000-000000000001","mode":"merge","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');

silver.history  on warehouse (first engine that supports it), reads at least 0 B, an input does not exist yet
    -- silver.history/changes has nothing to do: nothing new in bronze.payments
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000001_1' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT
      id AS c0,
      `the; payer--` AS c1,
      `order` AS c2,
      op AS c3,
      CASE WHEN id IS NOT NULL AND `the; payer--` IS NOT NULL THEN TRUE ELSE FALSE END AS r0
    FROM (SELECT
      CAST(NULL AS BIGINT) AS id,
      CAST(NULL AS STRING) AS `the; payer--`,
      CAST(NULL AS BIGINT) AS `order`,
      CAST(NULL AS STRING) AS op
    WHERE FALSE) AS payments;
    SELECT
      count(*) AS n,
      count(CASE WHEN r0 THEN 1 ELSE CAST(NULL AS INT) END) AS n0,
      count(CAST(NULL AS INT)) AS n1,
      count(CASE WHEN NOT r0 THEN 1 ELSE CAST(NULL AS INT) END) AS n2
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_2` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000001_2' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT c1 AS c0, c2 AS c1, c0 AS c2, CASE WHEN c3 = 'D' THEN TRUE ELSE FALSE END AS c3
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`
    WHERE r0;
    SELECT count(CAST(NULL AS INT)) AS n0, count(CAST(NULL AS INT)) AS n1
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_2`;
    -- `main`.`silver`.`history` is made in the lake: (`the; payer--` STRING NOT NULL, order BIGINT, from BIGINT NOT NULL, to BIGINT)
    MERGE INTO `main`.`silver`.`history` AS target USING (
    SELECT `the; payer--`, `order`, __medallion_sequence, __medallion_delete, __medallion_next, __medallion_open
    FROM (
      SELECT
        `the; payer--`,
        `order`,
        __medallion_sequence,
        __medallion_delete,
        __medallion_open,
        lead(__medallion_sequence, 1, CAST(NULL AS BIGINT)) OVER (PARTITION BY `the; payer--` ORDER BY __medallion_sequence, __medallion_open DESC, __medallion_delete) AS __medallion_next
      FROM (
        SELECT
          `the; payer--`,
          `order`,
          __medallion_sequence,
          __medallion_delete,
          __medallion_open,
          row_number() OVER (PARTITION BY `the; payer--` ORDER BY __medallion_sequence, __medallion_open DESC, __medallion_delete) AS __n,
          lag(__medallion_delete, 1, CAST(NULL AS BOOLEAN)) OVER (PARTITION BY `the; payer--` ORDER BY __medallion_sequence, __medallion_open DESC, __medallion_delete) AS __deleted,
          lag(`order`, 1, CAST(NULL AS BIGINT)) OVER (PARTITION BY `the; payer--` ORDER BY __medallion_sequence, __medallion_open DESC, __medallion_delete) AS __before_0
        FROM (
          SELECT
            c0 AS `the; payer--`,
            c1 AS `order`,
            c2 AS __medallion_sequence,
            c3 AS __medallion_delete,
            FALSE AS __medallion_open
          FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_2`
          UNION ALL
          SELECT
            history.`the; payer--`,
            history.`order`,
            history.`from` AS __medallion_sequence,
            FALSE AS __medallion_delete,
            TRUE AS __medallion_open
          FROM (
            SELECT `the; payer--`, `order`, `from`
            FROM (SELECT
      CAST(NULL AS STRING) AS `the; payer--`,
      CAST(NULL AS BIGINT) AS `order`,
      CAST(NULL AS BIGINT) AS `from`,
      CAST(NULL AS BIGINT) AS to
    WHERE FALSE) AS history
            WHERE to IS NULL
          ) AS history
          LEFT SEMI JOIN `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_2` AS input ON history.`the; payer--` = input.c0
        ) AS united
      ) AS windowed
      WHERE CASE WHEN __n = 1 OR __deleted THEN NOT __medallion_delete ELSE __medallion_delete OR NOT `order` <=> __before_0 END
    ) AS windowed
    WHERE
      (__medallion_next IS NULL OR __medallion_next > __medallion_sequence)
      AND NOT (__medallion_open AND __medallion_next IS NULL)
    ) AS source
    ON target.`the; payer--` = source.`the; payer--` AND target.`from` = source.__medallion_sequence
    WHEN MATCHED AND source.__medallion_delete THEN DELETE
    WHEN MATCHED AND source.__medallion_open THEN UPDATE SET target.to = source.__medallion_next
    WHEN MATCHED THEN UPDATE SET target.`the; payer--` = source.`the; payer--`, target.`order` = source.`order`, target.`from` = source.__medallion_sequence, target.to = source.__medallion_next
    WHEN NOT MATCHED AND NOT source.__medallion_open AND NOT source.__medallion_delete THEN INSERT (`the; payer--`, `order`, `from`, to) VALUES (source.`the; payer--`, source.`order`, source.__medallion_sequence, source.__medallion_next);
    ALTER TABLE `main`.`silver`.`history` SET TBLPROPERTIES ('medallion.flow.silver.history/changes' = '0', 'medallion.info.silver.history/changes' = '{"flow":"silver.history/changes","batch":0,"run":"00000000-0000-0000-0000-000000000001","mode":"merge","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":[{"name":"applicable","action":1,"passed_records":0,"failed_records":0}]}');

silver.latest  on warehouse (first engine that supports it), reads at least 0 B, an input does not exist yet
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000001_1' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT id AS c0, `the; payer--` AS c1, `order` AS c2, op AS c3
    FROM (
      SELECT
        id,
        `the; payer--`,
        `order`,
        op,
        row_number() OVER (PARTITION BY `the; payer--` ORDER BY id DESC) AS row_number
      FROM (SELECT
      CAST(NULL AS BIGINT) AS id,
      CAST(NULL AS STRING) AS `the; payer--`,
      CAST(NULL AS BIGINT) AS `order`,
      CAST(NULL AS STRING) AS op
    WHERE FALSE) AS payments
    ) AS numbered
    WHERE row_number = 1;
    -- `main`.`silver`.`latest` is made in the lake: (id BIGINT, `the; payer--` STRING, order BIGINT, op STRING)
    SELECT count(*) AS `count(1)`
    FROM (
      SELECT `the; payer--`, count(*) AS `count(1)`
      FROM (SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`) AS latest
      WHERE `the; payer--` IS NOT NULL
      GROUP BY `the; payer--`
    ) AS grouped
    WHERE `count(1)` > 1L;
    INSERT OVERWRITE `main`.`silver`.`latest`
    SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000001_1`;
    ALTER TABLE `main`.`silver`.`latest` SET TBLPROPERTIES ('medallion.flow.silver.latest' = '0', 'medallion.info.silver.latest' = '{"flow":"silver.latest","batch":0,"run":"00000000-0000-0000-0000-000000000001","mode":"append","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');

gold.totals  on warehouse (first engine that supports it), reads at least 0 B, an input does not exist yet
    -- `main`.`gold`.`totals` is made in the lake: (`the; payer--` STRING, total BIGINT)
    INSERT OVERWRITE `main`.`gold`.`totals`
    SELECT `the; payer--`, sum(`order`) AS total
    FROM (SELECT
      CAST(NULL AS BIGINT) AS id,
      CAST(NULL AS STRING) AS `the; payer--`,
      CAST(NULL AS BIGINT) AS `order`,
      CAST(NULL AS STRING) AS op
    WHERE FALSE) AS payments
    GROUP BY `the; payer--`;
    ALTER TABLE `main`.`gold`.`totals` SET TBLPROPERTIES ('medallion.flow.gold.totals' = '0', 'medallion.info.gold.totals' = '{"flow":"gold.totals","batch":0,"run":"00000000-0000-0000-0000-000000000001","mode":"append","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');


AFTER IT

bronze.payments  on warehouse (first engine that supports it), reads 49 B
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    -- landing/*.json is read by this process, and staged as `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`
    CREATE SCHEMA IF NOT EXISTS `main`.`bronze`;
    CREATE TABLE IF NOT EXISTS `main`.`bronze`.`payments` USING DELTA LOCATION 's3://bucket/lake/bronze/payments';
    ALTER TABLE `main`.`bronze`.`payments` ADD COLUMNS (_medallion_batch BIGINT FIRST);
    MERGE INTO `main`.`bronze`.`payments` AS target USING (
    SELECT id, `the; payer--`, `order`, op, 1L AS _medallion_batch
    FROM (SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`) AS json
    ) AS source
    ON target._medallion_batch = 1
    WHEN NOT MATCHED THEN INSERT (id, `the; payer--`, `order`, op, _medallion_batch) VALUES (source.id, source.`the; payer--`, source.`order`, source.op, source._medallion_batch);
    ALTER TABLE `main`.`bronze`.`payments` SET TBLPROPERTIES ('medallion.flow.bronze.payments' = '1', 'medallion.info.bronze.payments' = '{"flow":"bronze.payments","batch":1,"run":"00000000-0000-0000-0000-000000000027","mode":"append","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');

silver.payments  on warehouse (first engine that supports it), reads 0 B
    -- silver.payments has nothing to do: nothing new in bronze.payments
    CREATE SCHEMA IF NOT EXISTS `main`.`bronze`;
    CREATE TABLE IF NOT EXISTS `main`.`bronze`.`payments` USING DELTA LOCATION 's3://bucket/lake/bronze/payments';
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000027_1' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT
      id AS c0,
      `the; payer--` AS c1,
      `order` AS c2,
      op AS c3,
      CASE WHEN op IN ('U', 'D') THEN TRUE ELSE FALSE END AS r0,
      CASE WHEN id IS NOT NULL THEN TRUE ELSE FALSE END AS r1,
      CASE WHEN `order` > 0L THEN TRUE ELSE FALSE END AS r2,
      CASE WHEN `order` < 1000000L THEN TRUE ELSE FALSE END AS r3
    FROM `main`.`bronze`.`payments` VERSION AS OF 0;
    SELECT
      count(*) AS n,
      count(CASE WHEN r0 THEN 1 ELSE CAST(NULL AS INT) END) AS n0,
      count(CASE WHEN r1 THEN 1 ELSE CAST(NULL AS INT) END) AS n1,
      count(CASE WHEN r2 THEN 1 ELSE CAST(NULL AS INT) END) AS n2,
      count(CASE WHEN r3 THEN 1 ELSE CAST(NULL AS INT) END) AS n3,
      count(CASE WHEN NOT r2 THEN 1 ELSE CAST(NULL AS INT) END) AS n4,
      count(CASE WHEN r2 AND NOT r1 THEN 1 ELSE CAST(NULL AS INT) END) AS n5
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`;
    CREATE SCHEMA IF NOT EXISTS `main`.`silver`;
    CREATE TABLE IF NOT EXISTS `main`.`silver`.`payments` USING DELTA LOCATION 's3://bucket/lake/silver/payments';
    ALTER TABLE `main`.`silver`.`payments` ADD COLUMNS (_medallion_batch BIGINT FIRST);
    -- `main`.`silver`.`payments_quarantine` is made in the lake: (id BIGINT, `the; payer--` STRING, order BIGINT, op STRING, _rules ARRAY<STRING> NOT NULL, _source STRING NOT NULL, _batch BIGINT NOT NULL, _quarantined_at TIMESTAMP NOT NULL)
    INSERT INTO `main`.`silver`.`payments_quarantine`
    SELECT
      c0 AS id,
      c1 AS `the; payer--`,
      c2 AS `order`,
      c3 AS op,
      filter(array(CASE WHEN NOT r0 THEN 'it\'s known' ELSE CAST(NULL AS STRING) END, CASE WHEN NOT r1 THEN 'has id' ELSE CAST(NULL AS STRING) END, CASE WHEN NOT r2 THEN 'positive' ELSE CAST(NULL AS STRING) END, CASE WHEN NOT r3 THEN 'sane' ELSE CAST(NULL AS STRING) END), name -> name IS NOT NULL) AS _rules,
      'silver.payments' AS _source,
      1L AS _batch,
      TIMESTAMP '2026-01-01 00:00:00' AS _quarantined_at
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`
    WHERE NOT r2;
    MERGE INTO `main`.`silver`.`payments` AS target USING (
    SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op, 1L AS _medallion_batch
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`
    WHERE r2 AND r1
    ) AS source
    ON target._medallion_batch = 1
    WHEN NOT MATCHED THEN INSERT (id, `the; payer--`, `order`, op, _medallion_batch) VALUES (source.id, source.`the; payer--`, source.`order`, source.op, source._medallion_batch);
    ALTER TABLE `main`.`silver`.`payments` SET TBLPROPERTIES ('medallion.flow.silver.payments' = '1', 'medallion.info.silver.payments' = '{"flow":"silver.payments","batch":1,"run":"00000000-0000-0000-0000-000000000027","mode":"append","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":[{"name":"it\'s known","action":0,"passed_records":0,"failed_records":0},{"name":"has id","action":1,"passed_records":0,"failed_records":0},{"name":"positive","action":2,"passed_records":0,"failed_records":0},{"name":"sane","action":3,"passed_records":0,"failed_records":0}]}');

silver.upserted  on warehouse (first engine that supports it), reads 0 B
    -- silver.upserted/once has nothing to do: loaded once, in batch 2026-01-01T00:00:00Z
    -- silver.upserted/upsert has nothing to do: nothing new in bronze.payments
    CREATE SCHEMA IF NOT EXISTS `main`.`bronze`;
    CREATE TABLE IF NOT EXISTS `main`.`bronze`.`payments` USING DELTA LOCATION 's3://bucket/lake/bronze/payments';
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000027_1' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT id AS c0, `the; payer--` AS c1, `order` AS c2, op AS c3
    FROM `main`.`bronze`.`payments` VERSION AS OF 0;
    SELECT count(CASE WHEN c0 IS NULL THEN 1 ELSE CAST(NULL AS INT) END) AS n0
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`;
    SELECT count(*) AS n
    FROM (
      SELECT c0 AS id, count(*) AS `count(1)`
      FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`
      GROUP BY c0
    ) AS grouped
    WHERE `count(1)` > 1L;
    CREATE SCHEMA IF NOT EXISTS `main`.`silver`;
    CREATE TABLE IF NOT EXISTS `main`.`silver`.`upserted` USING DELTA LOCATION 's3://bucket/lake/silver/upserted';
    MERGE INTO `main`.`silver`.`upserted` AS target USING (
    SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`
    ) AS source
    ON target.id = source.id
    WHEN MATCHED THEN UPDATE SET target.id = source.id, target.`the; payer--` = source.`the; payer--`, target.`order` = source.`order`, target.op = source.op
    WHEN NOT MATCHED THEN INSERT (id, `the; payer--`, `order`, op) VALUES (source.id, source.`the; payer--`, source.`order`, source.op);
    ALTER TABLE `main`.`silver`.`upserted` SET TBLPROPERTIES ('medallion.flow.silver.upserted/upsert' = '1', 'medallion.info.silver.upserted/upsert' = '{"flow":"silver.upserted/upsert","batch":1,"run":"00000000-0000-0000-0000-000000000027","mode":"merge","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');

silver.history  on warehouse (first engine that supports it), reads 0 B
    -- silver.history/changes has nothing to do: nothing new in bronze.payments
    CREATE SCHEMA IF NOT EXISTS `main`.`bronze`;
    CREATE TABLE IF NOT EXISTS `main`.`bronze`.`payments` USING DELTA LOCATION 's3://bucket/lake/bronze/payments';
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000027_1' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT
      id AS c0,
      `the; payer--` AS c1,
      `order` AS c2,
      op AS c3,
      CASE WHEN id IS NOT NULL AND `the; payer--` IS NOT NULL THEN TRUE ELSE FALSE END AS r0
    FROM `main`.`bronze`.`payments` VERSION AS OF 0;
    SELECT
      count(*) AS n,
      count(CASE WHEN r0 THEN 1 ELSE CAST(NULL AS INT) END) AS n0,
      count(CAST(NULL AS INT)) AS n1,
      count(CASE WHEN NOT r0 THEN 1 ELSE CAST(NULL AS INT) END) AS n2
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_2` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000027_2' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT c1 AS c0, c2 AS c1, c0 AS c2, CASE WHEN c3 = 'D' THEN TRUE ELSE FALSE END AS c3
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`
    WHERE r0;
    SELECT count(CAST(NULL AS INT)) AS n0, count(CAST(NULL AS INT)) AS n1
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_2`;
    CREATE SCHEMA IF NOT EXISTS `main`.`silver`;
    CREATE TABLE IF NOT EXISTS `main`.`silver`.`history` USING DELTA LOCATION 's3://bucket/lake/silver/history';
    MERGE INTO `main`.`silver`.`history` AS target USING (
    SELECT `the; payer--`, `order`, __medallion_sequence, __medallion_delete, __medallion_next, __medallion_open
    FROM (
      SELECT
        `the; payer--`,
        `order`,
        __medallion_sequence,
        __medallion_delete,
        __medallion_open,
        lead(__medallion_sequence, 1, CAST(NULL AS BIGINT)) OVER (PARTITION BY `the; payer--` ORDER BY __medallion_sequence, __medallion_open DESC, __medallion_delete) AS __medallion_next
      FROM (
        SELECT
          `the; payer--`,
          `order`,
          __medallion_sequence,
          __medallion_delete,
          __medallion_open,
          row_number() OVER (PARTITION BY `the; payer--` ORDER BY __medallion_sequence, __medallion_open DESC, __medallion_delete) AS __n,
          lag(__medallion_delete, 1, CAST(NULL AS BOOLEAN)) OVER (PARTITION BY `the; payer--` ORDER BY __medallion_sequence, __medallion_open DESC, __medallion_delete) AS __deleted,
          lag(`order`, 1, CAST(NULL AS BIGINT)) OVER (PARTITION BY `the; payer--` ORDER BY __medallion_sequence, __medallion_open DESC, __medallion_delete) AS __before_0
        FROM (
          SELECT
            c0 AS `the; payer--`,
            c1 AS `order`,
            c2 AS __medallion_sequence,
            c3 AS __medallion_delete,
            FALSE AS __medallion_open
          FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_2`
          UNION ALL
          SELECT
            history.`the; payer--`,
            history.`order`,
            history.`from` AS __medallion_sequence,
            FALSE AS __medallion_delete,
            TRUE AS __medallion_open
          FROM (
            SELECT `the; payer--`, `order`, `from`
            FROM `main`.`silver`.`history` VERSION AS OF 1
            WHERE to IS NULL
          ) AS history
          LEFT SEMI JOIN `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_2` AS input ON history.`the; payer--` = input.c0
        ) AS united
      ) AS windowed
      WHERE CASE WHEN __n = 1 OR __deleted THEN NOT __medallion_delete ELSE __medallion_delete OR NOT `order` <=> __before_0 END
    ) AS windowed
    WHERE
      (__medallion_next IS NULL OR __medallion_next > __medallion_sequence)
      AND NOT (__medallion_open AND __medallion_next IS NULL)
    ) AS source
    ON target.`the; payer--` = source.`the; payer--` AND target.`from` = source.__medallion_sequence
    WHEN MATCHED AND source.__medallion_delete THEN DELETE
    WHEN MATCHED AND source.__medallion_open THEN UPDATE SET target.to = source.__medallion_next
    WHEN MATCHED THEN UPDATE SET target.`the; payer--` = source.`the; payer--`, target.`order` = source.`order`, target.`from` = source.__medallion_sequence, target.to = source.__medallion_next
    WHEN NOT MATCHED AND NOT source.__medallion_open AND NOT source.__medallion_delete THEN INSERT (`the; payer--`, `order`, `from`, to) VALUES (source.`the; payer--`, source.`order`, source.__medallion_sequence, source.__medallion_next);
    ALTER TABLE `main`.`silver`.`history` SET TBLPROPERTIES ('medallion.flow.silver.history/changes' = '1', 'medallion.info.silver.history/changes' = '{"flow":"silver.history/changes","batch":1,"run":"00000000-0000-0000-0000-000000000027","mode":"merge","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":[{"name":"applicable","action":1,"passed_records":0,"failed_records":0}]}');

silver.latest  on warehouse (first engine that supports it), reads 710 B
    -- silver.latest has nothing to do: its inputs are unchanged
    CREATE SCHEMA IF NOT EXISTS `main`.`bronze`;
    CREATE TABLE IF NOT EXISTS `main`.`bronze`.`payments` USING DELTA LOCATION 's3://bucket/lake/bronze/payments';
    CREATE SCHEMA IF NOT EXISTS `main`.`_medallion`;
    CREATE TABLE `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1` USING DELTA LOCATION 's3://bucket/lake/_medallion/staging_20260101t000000_00000000000000000000000000000027_1' TBLPROPERTIES ('delta.enableDeletionVectors' = 'false') AS
    SELECT id AS c0, `the; payer--` AS c1, `order` AS c2, op AS c3
    FROM (
      SELECT
        id,
        `the; payer--`,
        `order`,
        op,
        row_number() OVER (PARTITION BY `the; payer--` ORDER BY id DESC) AS row_number
      FROM `main`.`bronze`.`payments` VERSION AS OF 0
    ) AS numbered
    WHERE row_number = 1;
    CREATE SCHEMA IF NOT EXISTS `main`.`silver`;
    CREATE TABLE IF NOT EXISTS `main`.`silver`.`latest` USING DELTA LOCATION 's3://bucket/lake/silver/latest';
    SELECT count(*) AS `count(1)`
    FROM (
      SELECT `the; payer--`, count(*) AS `count(1)`
      FROM (SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`) AS latest
      WHERE `the; payer--` IS NOT NULL
      GROUP BY `the; payer--`
    ) AS grouped
    WHERE `count(1)` > 1L;
    INSERT OVERWRITE `main`.`silver`.`latest`
    SELECT c0 AS id, c1 AS `the; payer--`, c2 AS `order`, c3 AS op
    FROM `main`.`_medallion`.`staging_20260101t000000_00000000000000000000000000000027_1`;
    ALTER TABLE `main`.`silver`.`latest` SET TBLPROPERTIES ('medallion.flow.silver.latest' = '1', 'medallion.info.silver.latest' = '{"flow":"silver.latest","batch":1,"run":"00000000-0000-0000-0000-000000000027","mode":"overwrite","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');

gold.totals  on warehouse (first engine that supports it), reads 710 B
    -- gold.totals has nothing to do: its inputs are unchanged
    CREATE SCHEMA IF NOT EXISTS `main`.`bronze`;
    CREATE TABLE IF NOT EXISTS `main`.`bronze`.`payments` USING DELTA LOCATION 's3://bucket/lake/bronze/payments';
    CREATE SCHEMA IF NOT EXISTS `main`.`gold`;
    CREATE TABLE IF NOT EXISTS `main`.`gold`.`totals` USING DELTA LOCATION 's3://bucket/lake/gold/totals';
    INSERT OVERWRITE `main`.`gold`.`totals`
    SELECT `the; payer--`, sum(`order`) AS total
    FROM `main`.`bronze`.`payments` VERSION AS OF 0
    GROUP BY `the; payer--`;
    ALTER TABLE `main`.`gold`.`totals` SET TBLPROPERTIES ('medallion.flow.gold.totals' = '1', 'medallion.info.gold.totals' = '{"flow":"gold.totals","batch":1,"run":"00000000-0000-0000-0000-000000000027","mode":"overwrite","rows_in":0,"rows_out":0,"dropped_records":0,"quarantined_records":0,"corrupt_records":0,"rescued_records":0,"expectations":null}');

