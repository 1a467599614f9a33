package medallion.logstore;

import com.amazonaws.SDKGlobalConfiguration;
import com.amazonaws.regions.InMemoryRegionImpl;
import com.amazonaws.regions.InMemoryRegionsProvider;
import com.amazonaws.regions.Region;
import com.amazonaws.regions.RegionMetadata;
import com.amazonaws.regions.RegionUtils;
import io.delta.storage.S3DynamoDBLogStore;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Delta's S3DynamoDBLogStore for tests: DynamoDB is where {@value #ENDPOINT} says, and commits to the table that {@value #STOPPED} names come no further than to their
 * entry, as if their writer had been killed there.
 */
public class LogStore extends S3DynamoDBLogStore {
  private static final String ENDPOINT = "spark.medallion.dynamodb";
  private static final String STOPPED = "spark.medallion.stopped";

  public LogStore(Configuration conf) throws IOException {
    super(here(conf));
  }

  /** The log store asks the SDK alone where its region's DynamoDB is, and speaks to it by TLS. */
  private static Configuration here(Configuration conf) {
    System.setProperty(SDKGlobalConfiguration.DISABLE_CERT_CHECKING_SYSTEM_PROPERTY, "true");
    InMemoryRegionImpl region = new InMemoryRegionImpl("us-east-1", "localhost");
    region.addEndpoint("dynamodb", conf.get(ENDPOINT));
    RegionUtils.initializeWithMetadata(new RegionMetadata(new InMemoryRegionsProvider(List.of(new Region(region)))));
    return conf;
  }

  @Override
  protected void writeCopyTempFile(FileSystem fs, Path from, Path to) throws IOException {
    stop(to);
    super.writeCopyTempFile(fs, from, to);
  }

  @Override
  protected void fixDeltaLogCopyTempFile(FileSystem fs, Path from, Path to) throws IOException {
    stop(to);
    super.fixDeltaLogCopyTempFile(fs, from, to);
  }

  private static void stop(Path commit) throws IOException {
    String stopped = SparkSession.active().conf().get(STOPPED, "");
    if (commit.getParent().getParent().toString().equals(stopped)) {
      throw new IOException("the writer of " + stopped + " has stopped");
    }
  }
}
