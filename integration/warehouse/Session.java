package medallion.warehouse;

import java.util.Locale;
import java.util.Map;
import medallion.warehouse.Thrift.Struct;
import org.apache.spark.SparkException;
import org.apache.spark.sql.classic.SparkSession;

/** A client's session: a Spark session of its own, with its current catalog and schema and its configuration. */
final class Session {
  private static final String CATALOG = "main";

  final Handle handle = Handle.random();
  final String token;
  final SparkSession spark;
  final Settings settings;
  final String tags; // of its statements, unless they have their own
  volatile long used = System.nanoTime();

  /** Opens a session with the configuration and the initial namespace of a TOpenSessionReq. */
  Session(SparkSession root, String token, Struct request) throws SparkException {
    this.token = token;
    spark = root.newSession();
    Map<String, String> configuration = request.strings(4);
    settings = Settings.of(configuration);
    tags = configuration.get("query_tags");
    for (Map.Entry<String, String> c : configuration.entrySet()) {
      configure(c.getKey(), c.getValue());
    }
    Struct namespace = request.struct(1284);
    String catalog = namespace.string(1), schema = namespace.string(2);
    spark.sql("SET CATALOG " + quote(catalog == null ? CATALOG : catalog));
    if (schema != null) {
      spark.sql("USE SCHEMA " + quote(schema));
    }
  }

  private void configure(String name, String value) throws SparkException {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "timezone" -> spark.conf().set("spark.sql.session.timeZone", value);
      case "ansi_mode" -> spark.conf().set("spark.sql.ansi.enabled", value);
      case "query_tags" -> { }
      default -> {
        if (name.startsWith("spark.")) {
          spark.conf().set(name, value);
        } else if (!name.startsWith(Settings.PREFIX)) {
          throw new SparkException("[CONFIG_NOT_AVAILABLE] Configuration " + name + " is not available.");
        }
      }
    }
  }

  private static String quote(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
