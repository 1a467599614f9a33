package medallion.warehouse;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.UUID;
import medallion.warehouse.Thrift.Struct;

/** A THandleIdentifier: the name of a session or an operation. */
record Handle(String id) {
  private static final int SECRET = 16;

  static Handle random() {
    UUID u = UUID.randomUUID();
    return new Handle(HexFormat.of().formatHex(ByteBuffer.allocate(16).putLong(u.getMostSignificantBits()).putLong(u.getLeastSignificantBits()).array()));
  }

  /** The handle of a request whose first field is a TSessionHandle or a TOperationHandle. */
  static Handle of(Struct request) {
    return new Handle(HexFormat.of().formatHex(request.struct(1).struct(1).bytes(1)));
  }

  Struct struct() {
    return Thrift.struct(1, HexFormat.of().parseHex(id), 2, new byte[SECRET]);
  }

  /** As the driver shows a query's id. */
  String uuid() {
    return id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
  }
}
