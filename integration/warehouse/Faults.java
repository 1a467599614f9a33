package medallion.warehouse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What is to go wrong, and when, for each token. */
final class Faults {
  /** Methods beside those of Thrift. LINK is the making of a link, CLOUDFETCH the use of one. */
  static final String LINK = "link", CLOUDFETCH = "cloudfetch", STAGING = "staging";

  /** Kinds beside the numbers of HTTP's statuses; README.md says what each does. */
  static final String DROP = "drop", LOST = "lost", SLOW = "slow", TRUNCATE = "truncate", SHORT = "short", EXPIRED_LINK = "expired-link", KILL_BEFORE = "kill-before",
      KILL_AFTER = "kill-after";
  private static final Set<String> KINDS = Set.of(DROP, LOST, SLOW, TRUNCATE, SHORT, EXPIRED_LINK, KILL_BEFORE, KILL_AFTER);

  /**
   * One fault: it lets the first after calls of the method pass, and spoils the next count ones.
   *
   * @param method of Thrift, or LINK, CLOUDFETCH, STAGING; null is every method of Thrift
   * @param count 0 stands for 1
   * @param seconds of SLOW; of the Retry-After of a status, which is sent where it is not 0
   * @param statement of KILL_BEFORE and KILL_AFTER, from 1
   */
  record Fault(String kind, String method, int after, int count, double seconds, int statement) {
    Fault {
      if (kind == null || !KINDS.contains(kind) && !kind.matches("[45]\\d\\d")) {
        throw new IllegalArgumentException("no fault of kind " + kind);
      }
      count = Math.max(count, 1);
      if (kind.equals(KILL_BEFORE) || kind.equals(KILL_AFTER)) {
        method = "ExecuteStatement";
        after = statement - 1;
      }
      if (kind.equals(EXPIRED_LINK)) {
        method = LINK;
      }
      if (kind.equals(SHORT)) {
        method = CLOUDFETCH;
      }
    }

    boolean concerns(String called) {
      return method == null ? Character.isUpperCase(called.charAt(0)) : method.equals(called);
    }

    boolean isStatus() {
      return Character.isDigit(kind.charAt(0));
    }
  }

  private static final class Armed {
    final Fault fault;
    int seen;

    Armed(Fault fault) {
      this.fault = fault;
    }

    synchronized boolean strikes() {
      seen++;
      return seen > fault.after() && seen <= fault.after() + fault.count();
    }
  }

  private final Map<String, List<Armed>> byToken = new ConcurrentHashMap<>();
  private final Set<String> dead = ConcurrentHashMap.newKeySet();

  void add(String token, Fault f) {
    byToken.computeIfAbsent(token, t -> new CopyOnWriteArrayList<>()).add(new Armed(f));
  }

  /** Ends all faults of a token; if it was killed, it lives again. */
  void clear(String token) {
    byToken.remove(token);
    dead.remove(token);
  }

  /** The faults that strike this call of a method. */
  List<Fault> strike(String token, String method) {
    List<Fault> all = new ArrayList<>();
    for (Armed a : byToken.getOrDefault(token, List.of())) {
      if (a.fault.concerns(method) && a.strikes()) {
        all.add(a.fault);
      }
    }
    return all;
  }

  /** From now on the warehouse answers nothing that comes with this token, as if the client's process had been killed. */
  void kill(String token) {
    dead.add(token);
  }

  boolean isDead(String token) {
    return dead.contains(token);
  }
}
