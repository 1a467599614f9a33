"""One Spark with Delta for the whole integration suite: a JSON request a line in, a JSON answer a line out.

{"op": "read", "path"}   -> {"rows", "columns"}
{"op": "sql", "query"}   -> {"rows", "columns"}

SPARK_DELTA_JARS names the folder of Delta's jars; SPARK_SCRATCH a folder for Spark's own files.
"""

import glob
import os

from pyspark.sql import DataFrame, SparkSession

import canonical


def start():
    """A session in local mode that listens on the loopback alone."""
    scratch = os.environ["SPARK_SCRATCH"]
    return (
        SparkSession.builder.master("local[2]")
        .config("spark.jars", ",".join(sorted(glob.glob(os.environ["SPARK_DELTA_JARS"] + "/*.jar"))))
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.driver.memory", "2g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.databricks.delta.snapshotPartitions", "1")
        .config("spark.local.dir", scratch)
        .config("spark.sql.warehouse.dir", os.path.join(scratch, "warehouse"))
        .getOrCreate()
    )


def main():
    """Serves until standard input ends."""
    spark = start()
    spark.sparkContext.setLogLevel("ERROR")

    def answer(frame):
        # PySpark refuses a NULL struct whose fields may not be NULL, so it is told that all may be; the columns are those of the table.
        jvm = frame._jdf
        nullable = DataFrame(spark._jsparkSession.createDataFrame(jvm.rdd(), jvm.schema().asNullable()), spark)
        table = nullable.toArrow()
        columns = {f.name: f.dataType.simpleString() for f in frame.schema}
        return {"rows": canonical.rows(table), "columns": columns}

    def handle(request):
        if request["op"] == "read":
            return answer(spark.read.format("delta").load(request["path"]))
        return answer(spark.sql(request["query"]))

    canonical.serve(handle)
    spark.stop()


if __name__ == "__main__":
    main()
