package medallion.warehouse;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** How many of Spark's tasks run for each statement. A cancelled statement's tasks may run on for a while, which is why they are counted. */
final class Tasks extends SparkListener {
  private final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
  private final Map<Integer, AtomicInteger> byStage = new ConcurrentHashMap<>();

  int running(String statement) {
    AtomicInteger n = running.get(statement);
    return n == null ? 0 : n.get();
  }

  @Override
  public void onJobStart(SparkListenerJobStart job) {
    String group = job.properties() == null ? null : job.properties().getProperty("spark.jobGroup.id");
    if (group != null) {
      AtomicInteger n = running.computeIfAbsent(group, g -> new AtomicInteger());
      job.stageIds().foreach(id -> byStage.put((Integer) id, n));
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart task) {
    AtomicInteger n = byStage.get(task.stageId());
    if (n != null) {
      n.incrementAndGet();
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    AtomicInteger n = byStage.get(task.stageId());
    if (n != null) {
      n.decrementAndGet();
    }
  }
}
