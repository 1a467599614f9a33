package medallion.warehouse;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The statements that each token has run, in the order of their arrival. They outlive their operations, so that a test can see how each ended. */
final class Statements {
  /** TOperationState, each at its number. */
  enum State {
    INITIALIZED, RUNNING, FINISHED, CANCELED, CLOSED, ERROR, UNKNOWN, PENDING, TIMEDOUT;

    boolean live() {
      return this == INITIALIZED || this == RUNNING;
    }
  }

  /** One statement: what it is, and how far it has come. */
  static final class Statement {
    final Handle handle = Handle.random();
    final String text;
    final String tags;
    final long started = System.currentTimeMillis();
    volatile State state = State.INITIALIZED;
    volatile Throwable failure;
    volatile long ended;

    Statement(String text, String tags) {
      this.text = text;
      this.tags = tags;
    }
  }

  /** One statement as tests see it; times are in milliseconds since 1970, and ended is 0 while it runs. tasks is how many of Spark's tasks run for it. */
  record Seen(String id, String text, String tags, String state, String error, long started, long ended, int tasks) {}

  private final Map<String, List<Statement>> byToken = new ConcurrentHashMap<>();

  void add(String token, Statement s) {
    byToken.computeIfAbsent(token, t -> new CopyOnWriteArrayList<>()).add(s);
  }

  List<Seen> seen(String token, Tasks tasks) {
    return byToken.getOrDefault(token, List.of()).stream().map(s -> seen(s, tasks)).toList();
  }

  private static Seen seen(Statement s, Tasks tasks) {
    String error = s.failure == null ? null : Operation.message(s.failure);
    return new Seen(s.handle.uuid(), s.text, s.tags, s.state.name(), error, s.started, s.ended, tasks.running(s.handle.id()));
  }
}
