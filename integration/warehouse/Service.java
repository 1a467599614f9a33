package medallion.warehouse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import medallion.warehouse.Statements.State;
import medallion.warehouse.Thrift.Struct;
import org.apache.spark.sql.classic.SparkSession;

/** The methods of the warehouse's Thrift service, protocol V8: sessions, operations and their results. */
final class Service {
  static final Struct OK = Thrift.struct(1, 0);
  private static final int PROTOCOL_V8 = 0xA508;
  private static final long MAX_ROWS = 100_000;
  private static final long IDLE_MINUTES = 15;
  private static final long LEFT_BYTES = 2L << 30;
  private static final long GRACE_SECONDS = 5; // of a stopped statement's tasks

  /** An operation that clients may still ask for. */
  private static final class Open {
    final Operation operation;
    final String links;
    Pages pages;
    volatile long used = System.nanoTime();

    Open(Operation operation, String links) {
      this.operation = operation;
      this.links = links;
    }
  }

  private final SparkSession root;
  private final Path dir;
  private final String links; // the address of all links
  private final Staging staging;
  private final Faults faults;
  private final Statements statements;
  private final Tasks tasks;
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final Map<String, Open> operations = new ConcurrentHashMap<>();
  private final Map<String, Operation> downloads = new ConcurrentHashMap<>();
  private final Queue<Operation> left = new ConcurrentLinkedQueue<>(); // closed, but with links
  private final ExecutorService workers = Executors.newCachedThreadPool(Service::daemon);
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1, Service::daemon);

  Service(SparkSession root, Path dir, String links, Staging staging, Faults faults, Statements statements, Tasks tasks) {
    this.root = root;
    this.dir = dir;
    this.links = links;
    this.staging = staging;
    this.faults = faults;
    this.statements = statements;
    this.tasks = tasks;
    timer.scheduleWithFixedDelay(this::closeIdle, 1, 1, TimeUnit.MINUTES);
  }

  private static Thread daemon(Runnable r) {
    Thread t = new Thread(r, "warehouse");
    t.setDaemon(true);
    return t;
  }

  /** No session or operation has the handle of a request. */
  static final class NoHandle extends Exception {
    NoHandle(String what) {
      super("Invalid " + what);
    }
  }

  /** Answers a call; token is the caller's. */
  Struct call(String method, String token, Struct request) throws Exception {
    return switch (method) {
      case "OpenSession" -> open(token, request);
      case "CloseSession" -> closeSession(request);
      case "ExecuteStatement" -> execute(session(token, request), request);
      case "GetOperationStatus" -> operation(token, request).operation.status();
      case "GetResultSetMetadata" -> operation(token, request).operation.metadata();
      case "FetchResults" -> fetch(operation(token, request), request.number(3, MAX_ROWS), request.is(1283));
      case "CancelOperation" -> cancel(operation(token, request));
      case "CloseOperation" -> close(operation(token, request));
      default -> throw new UnsupportedOperationException("Invalid method name: '" + method + "'");
    };
  }

  private Struct open(String token, Struct request) {
    Session s;
    try {
      s = new Session(root, token, request);
    } catch (Exception e) {
      return Thrift.struct(1, Operation.failed(e), 2, PROTOCOL_V8);
    }
    sessions.put(s.handle.id(), s);
    return Thrift.struct(1, OK, 2, PROTOCOL_V8, 3, Thrift.struct(1, s.handle.struct()), 4, Map.of(), 1284, request.get(1284), 1285, true);
  }

  private Session session(String token, Struct request) throws NoHandle {
    Session s = sessions.get(Handle.of(request).id());
    if (s == null || !s.token.equals(token)) {
      throw new NoHandle("SessionHandle");
    }
    s.used = System.nanoTime();
    return s;
  }

  private Open operation(String token, Struct request) throws NoHandle {
    Open o = operations.get(Handle.of(request).id());
    if (o == null || !o.operation.session.token.equals(token)) {
      throw new NoHandle("OperationHandle");
    }
    o.used = o.operation.session.used = System.nanoTime();
    return o;
  }

  private Struct closeSession(Struct request) {
    Session s = sessions.remove(Handle.of(request).id());
    if (s != null) {
      closeAll(s);
    }
    return Thrift.struct(1, OK);
  }

  private void closeAll(Session s) {
    operations.values().stream().filter(o -> o.operation.session == s).toList().forEach(this::close);
  }

  private Struct execute(Session session, Struct request) throws IOException, InterruptedException {
    Operation o = new Operation(session, request, staging, dir);
    String id = o.statement.handle.id();
    Open open = new Open(o, links + id);
    operations.put(id, open);
    statements.add(session.token, o.statement);
    workers.execute(o);
    if (o.timeout() > 0) {
      timer.schedule(() -> stop(o, State.TIMEDOUT), o.timeout(), TimeUnit.SECONDS);
    }
    Struct answer = Thrift.struct(1, OK, 2, Thrift.struct(1, o.statement.handle.struct(), 2, 0, 3, true));
    return request.containsKey(1281) ? answer.with(1281, direct(open, request.struct(1281).number(1, MAX_ROWS))) : answer;
  }

  /** The TSparkDirectResults: what of the result is there within the time that the session allows. An operation that is over with this is closed. */
  private Struct direct(Open open, long maxRows) throws IOException, InterruptedException {
    Operation o = open.operation;
    o.await(o.session.settings.directWait());
    Struct direct = Thrift.struct(1, o.status());
    State state = o.statement.state;
    boolean over = state == State.ERROR;
    if (state == State.FINISHED) {
      Struct page = fetch(open, maxRows, true);
      direct.with(2, o.metadata()).with(3, page);
      over = !page.is(2) && !o.byLinks();
    }
    return over ? direct.with(4, close(open)) : direct;
  }

  /** Waits for the end of the statement whose TExecuteStatementResp this is. */
  void await(Struct executed) throws InterruptedException {
    Open o = operations.get(Handle.of(Thrift.struct(1, executed.struct(2))).id());
    if (o != null) {
      o.operation.await(Long.MAX_VALUE);
    }
  }

  private Struct fetch(Open open, long maxRows, boolean withMetadata) throws IOException {
    Operation o = open.operation;
    if (o.statement.state != State.FINISHED) {
      return Thrift.struct(1, o.unfinished());
    }
    synchronized (open) {
      if (open.pages == null) {
        open.pages = new Pages(o, open.links, faults);
        if (o.byLinks()) {
          downloads.put(o.statement.handle.id(), o);
        }
      }
    }
    return open.pages.next(maxRows, withMetadata);
  }

  private void stop(Operation o, State s) {
    if (o.stop(s)) {
      timer.schedule(() -> tasks.end(o.statement.handle.id()), GRACE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Struct cancel(Open open) {
    stop(open.operation, State.CANCELED);
    return Thrift.struct(1, OK);
  }

  /**
   * The driver closes an operation before it downloads the last page of links, so a result lives as long as its links, or until those that were closed later
   * need its room.
   */
  private Struct close(Open open) {
    Operation o = open.operation;
    String id = o.statement.handle.id();
    stop(o, State.CANCELED);
    operations.remove(id);
    if (downloads.containsKey(id)) {
      left.add(o);
      timer.schedule(() -> release(o), o.session.settings.linkLife(), TimeUnit.SECONDS);
      while (left.size() > 1 && left.stream().mapToLong(l -> l.result().bytes()).sum() > LEFT_BYTES) {
        release(left.peek());
      }
    } else {
      o.release();
    }
    return Thrift.struct(1, OK);
  }

  private void release(Operation o) {
    left.remove(o);
    downloads.remove(o.statement.handle.id());
    o.release();
  }

  /** The operation whose result links lead to; null where there is none, or none any more. */
  Operation download(String id) {
    return downloads.get(id);
  }

  private void closeIdle() {
    long since = System.nanoTime() - TimeUnit.MINUTES.toNanos(IDLE_MINUTES);
    operations.values().stream().filter(o -> o.used < since && !o.operation.statement.state.live()).toList().forEach(this::close);
    for (Session s : sessions.values()) {
      if (s.used < since && operations.values().stream().noneMatch(o -> o.operation.session == s)) {
        sessions.remove(s.handle.id());
      }
    }
  }
}
