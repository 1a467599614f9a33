package medallion.warehouse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import medallion.warehouse.Thrift.Struct;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.*;
import org.apache.spark.sql.util.ArrowUtils;

/** The columns of a result: as Spark has them, as the dialect describes them, and as they are sent. */
final class Columns {
  private static final int ROWS_PER_BATCH = 10_000;

  final StructType types;
  private final List<DataType> sent = new ArrayList<>();
  private final String zone;

  /** wanted is the client's TSparkArrowTypes: which types it wants as Arrow's own; the others go as text. */
  Columns(StructType types, Struct wanted, String zone) {
    this.types = types;
    this.zone = zone;
    for (StructField f : types.fields()) {
      sent.add(asText(f.dataType(), wanted) ? DataTypes.StringType : f.dataType());
    }
  }

  private static boolean asText(DataType type, Struct wanted) {
    if (type instanceof DecimalType) {
      return !wanted.is(2); // decimalAsArrow
    }
    if (type instanceof TimestampType) {
      return wanted.containsKey(1) && !wanted.is(1); // timestampAsArrow
    }
    return type instanceof DayTimeIntervalType || type instanceof YearMonthIntervalType || type instanceof CalendarIntervalType || type instanceof VariantType
        || type instanceof TimeType;
  }

  /** The rows as Arrow record batches, encapsulated messages without a schema. Columns go by position, as names may repeat. */
  RDD<byte[]> batches(Dataset<Row> rows) {
    int n = types.length();
    String[] names = new String[n];
    Column[] columns = new Column[n];
    for (int i = 0; i < n; i++) {
      names[i] = "c" + i;
      columns[i] = sent.get(i).equals(types.fields()[i].dataType()) ? functions.col(names[i]) : functions.col(names[i]).cast(sent.get(i));
    }
    return rows.toDF(names).select(columns).toArrowBatchRdd(ROWS_PER_BATCH, zone, false, false);
  }

  /** The schema as Arrow's encapsulated message, with the result's own names. */
  byte[] schemaMessage() throws IOException {
    StructType s = new StructType();
    for (int i = 0; i < types.length(); i++) {
      s = s.add(new StructField(types.fields()[i].name(), sent.get(i), true, Metadata.empty()));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MessageSerializer.serialize(new WriteChannel(Channels.newChannel(out)), ArrowUtils.toArrowSchema(s, zone, false, false));
    return out.toByteArray();
  }

  /** The TTableSchema. */
  Struct describe() {
    List<Object> columns = new ArrayList<>();
    for (StructField f : types.fields()) {
      Struct primitive = Thrift.struct(1, typeId(f.dataType()));
      if (f.dataType() instanceof DecimalType d) {
        Map<String, Object> qualifiers = new TreeMap<>(Map.of("precision", Thrift.struct(1, d.precision()), "scale", Thrift.struct(1, d.scale())));
        primitive.with(2, Thrift.struct(1, qualifiers));
      }
      Struct type = Thrift.struct(1, List.of(Thrift.struct(1, primitive)));
      columns.add(Thrift.struct(1, f.name(), 2, type, 3, columns.size() + 1, 4, f.getComment().isDefined() ? f.getComment().get() : ""));
    }
    return Thrift.struct(1, columns);
  }

  /** The TTypeId; what has none of its own is a string. */
  private static int typeId(DataType t) {
    if (t instanceof BooleanType) return 0;
    if (t instanceof ByteType) return 1;
    if (t instanceof ShortType) return 2;
    if (t instanceof IntegerType) return 3;
    if (t instanceof LongType) return 4;
    if (t instanceof FloatType) return 5;
    if (t instanceof DoubleType) return 6;
    if (t instanceof TimestampType || t instanceof TimestampNTZType) return 8;
    if (t instanceof BinaryType) return 9;
    if (t instanceof ArrayType) return 10;
    if (t instanceof MapType) return 11;
    if (t instanceof StructType) return 12;
    if (t instanceof DecimalType) return 15;
    if (t instanceof NullType) return 16;
    if (t instanceof DateType) return 17;
    if (t instanceof YearMonthIntervalType) return 20;
    if (t instanceof DayTimeIntervalType) return 21;
    return 7;
  }
}
