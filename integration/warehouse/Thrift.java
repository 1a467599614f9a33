package medallion.warehouse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Thrift's binary protocol without a schema: a struct is a map from field number to value. The numbers that the warehouse's dialect uses are written out where
 * they are used, beside the name that the dialect gives them.
 */
final class Thrift {
  private static final int VERSION = 0x80010000;
  private static final int REPLY = 2, EXCEPTION = 3;
  private static final byte STOP = 0, BOOL = 2, BYTE = 3, DOUBLE = 4, I16 = 6, I32 = 8, I64 = 10, STRING = 11, STRUCT = 12, MAP = 13, SET = 14, LIST = 15;

  private Thrift() {}

  /** A struct; a field that is null is left out. */
  static final class Struct extends TreeMap<Integer, Object> {
    Struct with(int field, Object value) {
      if (value != null) {
        put(field, value);
      }
      return this;
    }

    /** The struct in a field; an empty one where there is none. */
    Struct struct(int field) {
      return get(field) instanceof Struct s ? s : new Struct();
    }

    byte[] bytes(int field) {
      return (byte[]) get(field);
    }

    String string(int field) {
      return get(field) instanceof byte[] b ? new String(b, StandardCharsets.UTF_8) : null;
    }

    long number(int field, long otherwise) {
      return get(field) instanceof Number n ? n.longValue() : otherwise;
    }

    boolean is(int field) {
      return Boolean.TRUE.equals(get(field));
    }

    List<Struct> structs(int field) {
      List<Struct> all = new ArrayList<>();
      if (get(field) instanceof List<?> list) {
        list.forEach(item -> all.add((Struct) item));
      }
      return all;
    }

    Map<String, String> strings(int field) {
      Map<String, String> all = new LinkedHashMap<>();
      if (get(field) instanceof Map<?, ?> map) {
        map.forEach((k, v) -> all.put(new String((byte[]) k, StandardCharsets.UTF_8), new String((byte[]) v, StandardCharsets.UTF_8)));
      }
      return all;
    }
  }

  /** A struct of the fields and values given in turn. */
  static Struct struct(Object... fieldsAndValues) {
    Struct s = new Struct();
    for (int i = 0; i < fieldsAndValues.length; i += 2) {
      s.with((Integer) fieldsAndValues[i], fieldsAndValues[i + 1]);
    }
    return s;
  }

  /** A request: the method's name, and the struct that is its one argument. */
  record Call(String method, int sequence, Struct argument) {
    static Call parse(byte[] message) throws IOException {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(message));
      in.readInt();
      String method = new String((byte[]) read(in, STRING), StandardCharsets.UTF_8);
      int sequence = in.readInt();
      return new Call(method, sequence, ((Struct) read(in, STRUCT)).struct(1));
    }

    byte[] reply(Struct result) throws IOException {
      return message(REPLY, struct(0, result));
    }

    byte[] exception(String text) throws IOException {
      return message(EXCEPTION, struct(1, text, 2, 6));
    }

    private byte[] message(int kind, Struct body) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeInt(VERSION | kind);
      write(out, method);
      out.writeInt(sequence);
      write(out, body);
      return bytes.toByteArray();
    }
  }

  private static Object read(DataInputStream in, byte type) throws IOException {
    return switch (type) {
      case BOOL -> in.readByte() != 0;
      case BYTE -> in.readByte();
      case DOUBLE -> in.readDouble();
      case I16 -> in.readShort();
      case I32 -> in.readInt();
      case I64 -> in.readLong();
      case STRING -> in.readNBytes(in.readInt());
      case STRUCT -> readStruct(in);
      case MAP -> readMap(in);
      case SET, LIST -> readList(in);
      default -> throw new IOException("thrift: no type " + type);
    };
  }

  private static Struct readStruct(DataInputStream in) throws IOException {
    Struct s = new Struct();
    for (byte type = in.readByte(); type != STOP; type = in.readByte()) {
      int field = in.readShort();
      s.put(field, read(in, type));
    }
    return s;
  }

  private static Map<Object, Object> readMap(DataInputStream in) throws IOException {
    byte key = in.readByte(), value = in.readByte();
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int n = in.readInt(); n > 0; n--) {
      Object k = read(in, key);
      map.put(k, read(in, value));
    }
    return map;
  }

  private static List<Object> readList(DataInputStream in) throws IOException {
    byte type = in.readByte();
    List<Object> list = new ArrayList<>();
    for (int n = in.readInt(); n > 0; n--) {
      list.add(read(in, type));
    }
    return list;
  }

  private static byte typeOf(Object value) {
    if (value instanceof Boolean) return BOOL;
    if (value instanceof Byte) return BYTE;
    if (value instanceof Double) return DOUBLE;
    if (value instanceof Short) return I16;
    if (value instanceof Integer) return I32;
    if (value instanceof Long) return I64;
    if (value instanceof String || value instanceof byte[]) return STRING;
    if (value instanceof Struct) return STRUCT;
    if (value instanceof Map) return MAP;
    if (value instanceof List) return LIST;
    throw new IllegalArgumentException("thrift: no type for " + value.getClass());
  }

  private static void write(DataOutputStream out, Object value) throws IOException {
    switch (typeOf(value)) {
      case BOOL -> out.writeByte((Boolean) value ? 1 : 0);
      case BYTE -> out.writeByte((Byte) value);
      case DOUBLE -> out.writeDouble((Double) value);
      case I16 -> out.writeShort((Short) value);
      case I32 -> out.writeInt((Integer) value);
      case I64 -> out.writeLong((Long) value);
      case STRING -> writeBytes(out, value instanceof String s ? s.getBytes(StandardCharsets.UTF_8) : (byte[]) value);
      case STRUCT -> writeStruct(out, (Struct) value);
      case MAP -> writeMap(out, (Map<?, ?>) value);
      default -> writeList(out, (List<?>) value);
    }
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static void writeStruct(DataOutputStream out, Struct s) throws IOException {
    for (Map.Entry<Integer, Object> field : s.entrySet()) {
      out.writeByte(typeOf(field.getValue()));
      out.writeShort(field.getKey());
      write(out, field.getValue());
    }
    out.writeByte(STOP);
  }

  /** Every map of the dialect has strings for keys; an empty one is taken to have strings for values too. */
  private static void writeMap(DataOutputStream out, Map<?, ?> map) throws IOException {
    out.writeByte(STRING);
    out.writeByte(map.isEmpty() ? STRING : typeOf(map.values().iterator().next()));
    out.writeInt(map.size());
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      write(out, entry.getKey());
      write(out, entry.getValue());
    }
  }

  /** An empty list is taken to be one of structs. */
  private static void writeList(DataOutputStream out, List<?> list) throws IOException {
    out.writeByte(list.isEmpty() ? STRUCT : typeOf(list.get(0)));
    out.writeInt(list.size());
    for (Object item : list) {
      write(out, item);
    }
  }
}
