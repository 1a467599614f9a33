package medallion.warehouse;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import medallion.warehouse.Statements.State;
import medallion.warehouse.Statements.Statement;
import medallion.warehouse.Thrift.Struct;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.types.StructType;

/** One statement's run, from its arrival until its result is let go. */
final class Operation implements Runnable {
  private static final Pattern USE_CATALOG = Pattern.compile("(?is)\\s*USE\\s+CATALOG\\s+(\\S+?)\\s*;?\\s*");

  final Session session;
  final Statement statement;
  private final Struct request; // a TExecuteStatementReq
  private final Staging staging;
  private final Path dir;
  private final CountDownLatch done = new CountDownLatch(1);

  private volatile Columns columns = new Columns(new StructType(), new Struct(), "UTC");
  private volatile Result result = Result.empty(new byte[0]);
  private volatile long modified = -1; // rows; -1 is unknown
  private volatile boolean moves; // a file of a volume
  private Thread thread;

  /** dir is the operation's own folder, for what does not fit in memory. */
  Operation(Session session, Struct request, Staging staging, Path dir) {
    this.session = session;
    this.request = request;
    this.staging = staging;
    String tags = request.strings(3).get("query_tags");
    statement = new Statement(request.string(2), tags == null ? session.tags : tags);
    this.dir = dir.resolve(statement.handle.id());
  }

  /** How long the client lets the statement run, in seconds; 0 is for ever. */
  long timeout() {
    return request.number(5, 0);
  }

  @Override
  public void run() {
    if (!begin()) {
      return;
    }
    SparkContext spark = session.spark.sparkContext();
    try {
      spark.setJobGroup(statement.handle.id(), statement.text, true);
      execute();
      end(State.FINISHED, null);
    } catch (Throwable e) {
      end(State.ERROR, e);
    } finally {
      spark.clearJobGroup();
      finish();
    }
  }

  private synchronized boolean begin() {
    if (statement.state != State.INITIALIZED) {
      statement.ended = System.currentTimeMillis();
      return false;
    }
    statement.state = State.RUNNING;
    thread = Thread.currentThread();
    return true;
  }

  /** The state stays what it is where the statement was stopped. */
  private synchronized void end(State s, Throwable e) {
    if (statement.state == State.RUNNING) {
      statement.failure = e;
      statement.state = s;
    }
  }

  /** An interrupt that came too late must not reach the thread's next statement. */
  private synchronized void finish() {
    thread = null;
    Thread.interrupted();
    if (statement.state != State.FINISHED) {
      release();
    }
    statement.ended = System.currentTimeMillis();
    done.countDown();
  }

  private void execute() throws IOException {
    Dataset<Row> rows = staging.statement(session.spark, session.token, statement.text);
    moves = rows != null;
    if (!moves) {
      rows = query();
    }
    columns = new Columns(rows.schema(), request.struct(1286), session.spark.conf().get("spark.sql.session.timeZone"));
    byte[] schema = columns.schemaMessage();
    result = rows.schema().isEmpty() ? Result.empty(schema) : Result.of(schema, columns.batches(rows), dir);
    int affected = Arrays.asList(rows.schema().fieldNames()).indexOf("num_affected_rows");
    if (affected >= 0) {
      modified = rows.collectAsList().get(0).getLong(affected);
    }
  }

  private Dataset<Row> query() {
    Matcher use = USE_CATALOG.matcher(statement.text);
    if (use.matches()) {
      return session.spark.sql("SET CATALOG " + use.group(1));
    }
    Parameters p = Parameters.bind(statement.text, request.structs(1288));
    return p.values().isEmpty() ? session.spark.sql(p.text()) : session.spark.sql(p.text(), p.values());
  }

  /** Stops the statement, and tells whether it was still running: s is CANCELED or TIMEDOUT. */
  synchronized boolean stop(State s) {
    if (!statement.state.live()) {
      return false;
    }
    statement.state = s;
    session.spark.sparkContext().cancelJobGroupAndFutureJobs(statement.handle.id());
    if (thread != null) {
      thread.interrupt();
    }
    done.countDown();
    return true;
  }

  void await(long milliseconds) throws InterruptedException {
    done.await(milliseconds, TimeUnit.MILLISECONDS);
  }

  /** Forgets the result. */
  void release() {
    Result r = result;
    result = Result.empty(new byte[0]);
    r.close();
  }

  Result result() {
    return result;
  }

  /** Whether the result goes by links: the client must be able to download it (canDownloadResult), and it must be large. */
  boolean byLinks() {
    return request.is(1283) && result.bytes() >= session.settings.linkFrom();
  }

  /** The TGetOperationStatusResp. */
  Struct status() {
    State s = statement.state;
    Struct answer = Thrift.struct(1, Service.OK, 2, s.ordinal(), 9, !columns.types.isEmpty());
    if (s == State.ERROR) {
      Throwable e = statement.failure;
      StringWriter stack = new StringWriter();
      e.printStackTrace(new PrintWriter(stack));
      answer.with(3, sqlState(e)).with(5, message(e)).with(1281, message(e)).with(1282, stack.toString());
    }
    if (s == State.CANCELED || s == State.TIMEDOUT) {
      answer.with(3, "HY008").with(1281, s == State.TIMEDOUT ? "Query timed out" : "Query was cancelled");
    }
    return answer.with(11, modified >= 0 ? modified : null);
  }

  /** The TGetResultSetMetadataResp. */
  Struct metadata() {
    if (statement.state != State.FINISHED) {
      return Thrift.struct(1, unfinished());
    }
    return Thrift.struct(1, Service.OK, 2, columns.describe(), 1281, byLinks() ? 3 : 0, 1282, false, 1283, result.schema, 1287, moves);
  }

  /** The TStatus for one who asks for rows that are not there. */
  Struct unfinished() {
    Throwable e = statement.failure;
    return e == null ? Thrift.struct(1, 3, 3, "HY010", 5, "the statement is " + statement.state) : failed(e);
  }

  /** The TStatus of an error. */
  static Struct failed(Throwable e) {
    return Thrift.struct(1, 3, 3, sqlState(e), 5, message(e), 6, message(e));
  }

  static String message(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static String sqlState(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SparkThrowable s && s.getSqlState() != null) {
        return s.getSqlState();
      }
    }
    return "HY000";
  }
}
