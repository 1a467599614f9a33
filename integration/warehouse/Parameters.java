package medallion.warehouse;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import medallion.warehouse.Thrift.Struct;
import org.apache.spark.sql.functions;

/** A statement's text and the values of its markers, by name. */
record Parameters(String text, Map<String, Object> values) {
  /** What may hold a question mark that is no marker, or one that is. */
  private static final Pattern TOKEN = Pattern.compile("'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|--[^\\n]*|/\\*.*?\\*/|\\?", Pattern.DOTALL);

  /**
   * Binds TSparkParameters. Positions become names, :_p0 and so on: Spark's older way of binding, the only one that reaches through Delta's parser, mixes up
   * five positions or more.
   */
  static Parameters bind(String text, List<Struct> parameters) {
    Map<String, Object> values = new HashMap<>();
    int positions = 0;
    for (Struct p : parameters) {
      String name = p.string(2);
      values.put(name != null ? name : "_p" + positions++, value(p.string(3), p.struct(4).string(1)));
    }
    return new Parameters(positions == 0 ? text : named(text), values);
  }

  private static String named(String text) {
    StringBuilder out = new StringBuilder();
    Matcher m = TOKEN.matcher(text);
    int end = 0;
    for (int n = 0; m.find(); end = m.end()) {
      out.append(text, end, m.start()).append(m.group().equals("?") ? ":_p" + n++ : m.group());
    }
    return out.append(text.substring(end)).toString();
  }

  private static Object value(String type, String text) {
    if (text == null || type.equalsIgnoreCase("VOID")) {
      return functions.lit(null);
    }
    return switch (type.toUpperCase(Locale.ROOT).replaceAll("\\(.*", "")) {
      case "STRING" -> text;
      case "BOOLEAN" -> Boolean.valueOf(text);
      case "TINYINT" -> Byte.valueOf(text);
      case "SMALLINT" -> Short.valueOf(text);
      case "INT", "INTEGER" -> Integer.valueOf(text);
      case "BIGINT" -> Long.valueOf(text);
      case "FLOAT" -> Float.valueOf(text);
      case "DOUBLE" -> Double.valueOf(text);
      case "DECIMAL" -> new BigDecimal(text);
      case "DATE" -> LocalDate.parse(text.substring(0, 10));
      case "TIMESTAMP" -> OffsetDateTime.parse(text.replace(' ', 'T'), DateTimeFormatter.ISO_OFFSET_DATE_TIME).toInstant();
      default -> throw new IllegalArgumentException("no parameter of type " + type);
    };
  }
}
