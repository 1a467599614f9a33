package medallion.warehouse;

import java.util.Map;

/**
 * What a session's configuration asks of this warehouse, by names that begin with warehouse. They are for tests that want large results' paths for small
 * results.
 *
 * @param directWait how long ExecuteStatement waits for the statement's end, in milliseconds (warehouse.direct.wait)
 * @param linkFrom from how many bytes on a result goes by links (warehouse.links.from)
 * @param linkSize about how many bytes a link stands for (warehouse.links.size)
 * @param linkLife how long a link can be used, in seconds (warehouse.links.life)
 */
record Settings(long directWait, long linkFrom, long linkSize, long linkLife) {
  static final String PREFIX = "warehouse.";

  static Settings of(Map<String, String> configuration) {
    return new Settings(
        number(configuration, PREFIX + "direct.wait", 5_000),
        number(configuration, PREFIX + "links.from", 20_000_000),
        number(configuration, PREFIX + "links.size", 1 << 20),
        number(configuration, PREFIX + "links.life", 900));
  }

  private static long number(Map<String, String> configuration, String name, long otherwise) {
    return Long.parseLong(configuration.getOrDefault(name, Long.toString(otherwise)));
  }
}
