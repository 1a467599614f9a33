package medallion.warehouse;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.spark.rdd.RDD;

/**
 * The rows of a statement as Arrow record batches. Spark's tasks write them to files as they make them, so that memory holds a batch for each running task and
 * the first MEMORY bytes of each partition, however many rows there are. Tasks run in this JVM.
 */
final class Result implements Closeable {
  private static final long MEMORY = 1 << 20;
  /** What ends an Arrow stream. */
  private static final byte[] END = {-1, -1, -1, -1, 0, 0, 0, 0};

  /** One record batch: its bytes, or where they are in a file. */
  private record Batch(long rows, byte[] bytes, String file, long offset, int length) implements Serializable {}

  final byte[] schema;
  private final List<Batch> batches;
  private final Path dir;

  private Result(byte[] schema, List<Batch> batches, Path dir) {
    this.schema = schema;
    this.batches = batches;
    this.dir = dir;
  }

  /** A result without rows. */
  static Result empty(byte[] schema) {
    return new Result(schema, List.of(), null);
  }

  /** Runs the query whose batches these are; dir is the result's own, made when it is needed. */
  static Result of(byte[] schema, RDD<byte[]> rows, Path dir) {
    String folder = dir.toString();
    List<Batch> batches = rows.toJavaRDD().mapPartitionsWithIndex((partition, all) -> spool(all, Path.of(folder, "part-" + partition)).iterator(), true).collect();
    return new Result(schema, batches, dir);
  }

  private static List<Batch> spool(Iterator<byte[]> all, Path file) throws IOException {
    List<Batch> spooled = new ArrayList<>();
    long bytes = 0, offset = 0;
    RandomAccessFile out = null;
    try {
      while (all.hasNext()) {
        byte[] batch = all.next();
        long rows = rowsIn(batch);
        if (rows == 0) {
          continue;
        }
        bytes += batch.length;
        if (bytes <= MEMORY) {
          spooled.add(new Batch(rows, batch, null, 0, batch.length));
          continue;
        }
        if (out == null) {
          Files.createDirectories(file.getParent());
          out = new RandomAccessFile(file.toFile(), "rw");
        }
        out.write(batch);
        spooled.add(new Batch(rows, null, file.toString(), offset, batch.length));
        offset += batch.length;
      }
      return spooled;
    } finally {
      if (out != null) {
        out.close();
      }
    }
  }

  private static long rowsIn(byte[] batch) throws IOException {
    var message = MessageSerializer.readMessage(new ReadChannel(Channels.newChannel(new ByteArrayInputStream(batch))));
    return ((RecordBatch) message.getMessage().header(new RecordBatch())).length();
  }

  /** The number of batches; they are numbered from 0. */
  int size() {
    return batches.size();
  }

  long rows(int from, int to) {
    return batches.subList(from, to).stream().mapToLong(Batch::rows).sum();
  }

  long bytes() {
    return bytes(0, size());
  }

  long bytes(int from, int to) {
    return batches.subList(from, to).stream().mapToLong(Batch::length).sum();
  }

  /** How long the stream is that write writes. */
  long streamLength(int from, int to) {
    return schema.length + bytes(from, to) + END.length;
  }

  /** Writes batches as an Arrow stream. */
  void write(OutputStream out, int from, int to) throws IOException {
    out.write(schema);
    for (int i = from; i < to; i++) {
      out.write(bytes(i));
    }
    out.write(END);
  }

  /** One batch's bytes, without the schema. */
  byte[] bytes(int i) throws IOException {
    Batch b = batches.get(i);
    if (b.bytes() != null) {
      return b.bytes();
    }
    try (RandomAccessFile in = new RandomAccessFile(b.file(), "r")) {
      byte[] bytes = new byte[b.length()];
      in.seek(b.offset());
      in.readFully(bytes);
      return bytes;
    }
  }

  @Override
  public void close() {
    if (dir == null || !Files.exists(dir)) {
      return;
    }
    try (Stream<Path> files = Files.walk(dir, new FileVisitOption[0])) {
      for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
