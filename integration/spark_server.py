"""One Spark with Delta for the whole integration suite: a JSON request a line in, a JSON answer a line out.

{"op": "read", "path"}   -> {"rows", "columns"}
{"op": "sql", "query"}   -> {"rows", "columns"}
{"op": "stream", "path", "options"} -> {"rows", "columns"}, the table read as a stream to its end
{"op": "warehouse"}      -> {"endpoint"}

The same Spark is the SQL warehouse of the suite (see warehouse/README.md), which this program starts.
SPARK_TOOLS names the folder with Delta's jars, which keeps the warehouse's classes too; SPARK_SCRATCH a folder for Spark's own files. MEDALLION_TEST_LOGSTORE may
name a folder with the jars of Delta's log store on S3 and DynamoDB and all that it needs (see logstore/README.md): then tables on s3a are kept by it.
"""

import glob
import hashlib
import os
import subprocess
import tempfile
import uuid

import pyspark
from pyspark.sql import DataFrame, SparkSession

import canonical

# The catalogs of the warehouse.
CATALOGS = ("main", "dev")


def compiled(folder, jars):
    """The folder of the classes of some sources here, compiled unless they already have been from these very sources."""
    sources = sorted(glob.glob(folder + "/*.java"))
    digest = hashlib.sha256()
    for source in sources:
        with open(source, "rb") as f:
            digest.update(f.read())
    classes = os.path.join(os.environ["SPARK_TOOLS"], folder, digest.hexdigest()[:16])
    if os.path.isdir(classes):
        return classes
    os.makedirs(os.path.dirname(classes), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(classes)) as scratch:
        made = os.path.join(scratch, "classes")
        spark = os.path.join(os.path.dirname(pyspark.__file__), "jars", "*")
        subprocess.run(["javac", "-nowarn", "-cp", f"{spark}:{jars}", "-d", made, *sources], check=True)
        try:
            os.rename(made, classes)
        except OSError:
            if not os.path.isdir(classes):  # nobody else has compiled them meanwhile
                raise
    return classes


def start():
    """A session in local mode that listens on the loopback alone.

    More tasks than cores may run at a time, as those of a cancelled query end when they come to it, and must not keep others waiting until then.
    """
    scratch = os.environ["SPARK_SCRATCH"]
    delta = os.path.join(os.environ["SPARK_TOOLS"], "jars", "*")
    classes = f"{compiled('warehouse', delta)}:{delta}"
    logstore = os.environ.get("MEDALLION_TEST_LOGSTORE")
    if logstore:
        jars = f"{delta}:{os.path.join(logstore, '*')}"
        classes = f"{classes}:{compiled('logstore', jars)}:{os.path.join(logstore, '*')}"
    catalogs = os.path.join(scratch, "catalogs")
    builder = (
        SparkSession.builder.master("local[8]")
        .config("spark.driver.extraClassPath", classes)
        .config("spark.driver.memory", "2g")
        # Statements here are many and short: C2's code would cost more than it gains.
        # Their code needs room: where its 48 MB are full, nothing is compiled any more.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m -XX:+UseSerialGC")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.local.dir", scratch)
        .config("spark.executor.killOnFatalError.depth", "0")  # the warehouse ends the threads of stubborn tasks
        .config("spark.scheduler.mode", "FAIR")
        .config("spark.scheduler.allocation.file", "file:" + os.path.abspath("warehouse/pools.xml"))
        .config("spark.default.parallelism", "2")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2")
        .config("spark.databricks.delta.snapshotPartitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", os.path.join(scratch, "warehouse"))
        .config("spark.sql.sources.default", "delta")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        # Delta 4.4.0's parser knows nothing of the new way in which Spark 4.2 binds parameters.
        .config("spark.sql.legacy.parameterSubstitution.constantsOnly", "true")
    )
    if logstore:  # of tables on S3 alone; where S3 and DynamoDB are, the tests say by SET
        builder = builder.config("spark.delta.logStore.s3a.impl", "medallion.logstore.LogStore")
    for name in CATALOGS:
        builder = builder.config(f"spark.sql.catalog.{name}", "medallion.warehouse.Catalog").config(f"spark.sql.catalog.{name}.root", catalogs)
    return builder.getOrCreate()


def main():
    """Serves until standard input ends."""
    out = canonical.answers()
    spark = start()
    spark.sparkContext.setLogLevel("ERROR")
    endpoint = spark._jvm.medallion.warehouse.Server.start(spark._jsparkSession, os.path.join(os.environ["SPARK_SCRATCH"], "warehouse-server"))

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
        if request["op"] == "stream":
            name = "streamed_" + uuid.uuid4().hex
            frame = spark.readStream.format("delta").options(**request["options"]).load(request["path"])
            query = frame.writeStream.format("memory").queryName(name).trigger(availableNow=True).start()
            query.awaitTermination()
            return answer(spark.table(name))
        if request["op"] == "warehouse":
            return {"endpoint": endpoint}
        return answer(spark.sql(request["query"]))

    canonical.serve(handle, out)
    spark.stop()


if __name__ == "__main__":
    main()
