package medallion.warehouse;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Spark's tasks that run for each statement. Spark asks the tasks of a cancelled statement to end, and they do when they look up: between batches of rows, which a
 * join of a few rows with very many may take hours to reach. So they are counted, and ended by force in the end.
 */
final class Tasks extends SparkListener {
  private static final long DRAIN = 10_000; // milliseconds

  private final SparkContext spark;
  private final Map<String, Set<Long>> running = new ConcurrentHashMap<>(); // by statement
  private final Map<Integer, Set<Long>> byStage = new ConcurrentHashMap<>();

  Tasks(SparkContext spark) {
    this.spark = spark;
    spark.addSparkListener(this);
  }

  /** Has all that Spark has done so far be known. */
  void drain() throws TimeoutException {
    spark.listenerBus().waitUntilEmpty(DRAIN);
  }

  int running(String statement) {
    return running.getOrDefault(statement, Set.of()).size();
  }

  /** Ends the threads of a statement's tasks, which Java 17 still can. Spark takes it for the task's failure. */
  @SuppressWarnings({"deprecation", "removal"})
  void end(String statement) {
    for (long task : running.getOrDefault(statement, Set.of())) {
      Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().endsWith("(TID " + task + ")")).forEach(Thread::stop);
    }
  }

  @Override
  public void onJobStart(SparkListenerJobStart job) {
    String statement = job.properties() == null ? null : job.properties().getProperty("spark.jobGroup.id");
    if (statement != null) {
      Set<Long> tasks = running.computeIfAbsent(statement, s -> ConcurrentHashMap.newKeySet());
      job.stageIds().foreach(id -> byStage.put((Integer) id, tasks));
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart task) {
    Set<Long> tasks = byStage.get(task.stageId());
    if (tasks != null) {
      tasks.add(task.taskInfo().taskId());
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    Set<Long> tasks = byStage.get(task.stageId());
    if (tasks != null) {
      tasks.remove(task.taskInfo().taskId());
    }
  }
}
