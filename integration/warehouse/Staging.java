package medallion.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Files in volumes: the statements that move them, which answer with a link for the driver to use, and the files behind the links. */
final class Staging {
  private static final Pattern
      PUT = Pattern.compile("(?is)\\s*PUT\\s+'(?:file:)?([^']+)'\\s+INTO\\s+'(/Volumes/[^']+)'(\\s+OVERWRITE)?\\s*;?\\s*"),
      GET = Pattern.compile("(?is)\\s*GET\\s+'(/Volumes/[^']+)'\\s+TO\\s+'(?:file:)?([^']+)'\\s*;?\\s*"),
      REMOVE = Pattern.compile("(?is)\\s*REMOVE\\s+'(/Volumes/[^']+)'\\s*;?\\s*");

  private final Path dir;
  private final String base;

  /** base is the address of the links, to which the volume's path is appended. */
  Staging(Path dir, String base) {
    this.dir = dir;
    this.base = base;
  }

  /** The link that a statement asks for; null where it is no such statement. */
  Dataset<Row> statement(SparkSession spark, String token, String text) {
    Matcher m = PUT.matcher(text);
    if (m.matches()) {
      if (m.group(3) == null && Files.exists(file(m.group(2)))) {
        throw new IllegalStateException("[STAGING_FILE_EXISTS] " + m.group(2));
      }
      return link(spark, token, "PUT", m.group(2), m.group(1));
    }
    m = GET.matcher(text);
    if (m.matches()) {
      return link(spark, token, "GET", m.group(1), m.group(2));
    }
    m = REMOVE.matcher(text);
    return m.matches() ? link(spark, token, "REMOVE", m.group(1), null) : null;
  }

  private Dataset<Row> link(SparkSession spark, String token, String operation, String volume, String local) {
    StructType type = new StructType().add("operation", "string").add("presignedUrl", "string").add("headers", "string");
    String url = base + volume + "?token=" + token;
    if (local == null) {
      return spark.createDataFrame(List.of(RowFactory.create(operation, url, "{}")), type);
    }
    return spark.createDataFrame(List.of(RowFactory.create(operation, url, "{}", local)), type.add("localFile", "string"));
  }

  void put(String volume, InputStream in) throws IOException {
    Path f = file(volume);
    Files.createDirectories(f.getParent());
    Files.copy(in, f, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The file's bytes; null where there is none. */
  byte[] get(String volume) throws IOException {
    Path f = file(volume);
    return Files.exists(f) ? Files.readAllBytes(f) : null;
  }

  boolean remove(String volume) throws IOException {
    return Files.deleteIfExists(file(volume));
  }

  private Path file(String volume) {
    Path f = dir.resolve(volume.substring(1)).normalize();
    if (!f.startsWith(dir)) {
      throw new IllegalArgumentException("path leaves the volumes: " + volume);
    }
    return f;
  }
}
