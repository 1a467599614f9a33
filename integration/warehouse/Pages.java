package medallion.warehouse;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import medallion.warehouse.Thrift.Struct;

/** The rows of an operation, handed out page by page: the batches themselves, or links to them. */
final class Pages {
  private static final int LINKS_PER_PAGE = 16;

  private final Operation operation;
  private final Result result;
  private final String base; // the address of this result's links
  private final Faults faults;
  private int next; // batch
  private long row;

  Pages(Operation operation, String base, Faults faults) {
    this.operation = operation;
    this.result = operation.result();
    this.base = base;
    this.faults = faults;
  }

  /** The TFetchResultsResp of the next page. */
  synchronized Struct next(long maxRows, boolean withMetadata) throws IOException {
    long start = row;
    boolean links = operation.byLinks();
    List<Object> items = new ArrayList<>();
    if (links) {
      while (next < result.size() && items.size() < LINKS_PER_PAGE) {
        items.add(link());
      }
    } else {
      while (next < result.size() && (items.isEmpty() || row - start + result.rows(next, next + 1) <= maxRows)) {
        items.add(batch());
      }
    }
    Struct rows = Thrift.struct(1, start, 2, List.of(), links ? 1282 : 1281, items);
    return Thrift.struct(1, Service.OK, 2, next < result.size(), 3, rows, 1281, withMetadata ? operation.metadata() : null);
  }

  /** A TSparkArrowBatch. */
  private Struct batch() throws IOException {
    long rows = result.rows(next, next + 1);
    Struct batch = Thrift.struct(1, result.bytes(next), 2, rows);
    next++;
    row += rows;
    return batch;
  }

  /** A TSparkArrowResultLink for the next batches. */
  private Struct link() {
    int from = next;
    long bytes = 0;
    while (next < result.size() && bytes < operation.session.settings.linkSize()) {
      bytes += result.bytes(next, next + 1);
      next++;
    }
    long life = faults.strike(operation.session.token, Faults.LINK).isEmpty() ? operation.session.settings.linkLife() : -1;
    long expires = System.currentTimeMillis() / 1000 + life;
    long rows = result.rows(from, next);
    Struct link = Thrift.struct(1, base + "/" + from + "-" + next + "?expires=" + expires, 2, expires, 3, row, 4, rows, 5, result.streamLength(from, next));
    row += rows;
    return link;
  }
}
