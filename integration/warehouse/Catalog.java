package medallion.warehouse;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.catalyst.analysis.NamespaceAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.delta.catalog.DeltaCatalog;
import org.apache.spark.sql.execution.datasources.v2.V2SessionCatalog;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A catalog of its own, with schemas and tables that no other catalog sees, as Unity Catalog's are. Open-source Delta works on Spark's one session catalog only,
 * so the schema s of the catalog c is kept there as the database c__s, and its managed tables under the catalog's own folder (option root). Delta calls back with
 * names that are already translated, which therefore stay as they are.
 */
public final class Catalog extends DeltaCatalog {
  private static final String DEFAULT = "default";

  private String name;
  private String prefix;
  private String root;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    this.name = name;
    prefix = name + "__";
    root = options.get("root");
    setDelegateCatalog(new V2SessionCatalog(SparkSession.active().sessionState().catalog()));
    try {
      if (!namespaceExists(defaultNamespace())) {
        createNamespace(defaultNamespace(), Map.of());
      }
    } catch (NamespaceAlreadyExistsException e) {
      // Another session has made it meanwhile.
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String[] defaultNamespace() {
    return new String[] {DEFAULT};
  }

  /** A schema of this catalog as the session catalog names it. */
  private String[] inner(String[] namespace) {
    if (namespace.length != 1 || namespace[0].startsWith(prefix)) {
      return namespace;
    }
    return new String[] {prefix + namespace[0]};
  }

  /** A table likewise. delta.`/path` names no schema. */
  private Identifier inner(Identifier table) {
    return isPathIdentifier(table) ? table : Identifier.of(inner(table.namespace()), table.name());
  }

  private String[] outer(String[] namespace) {
    return new String[] {namespace[0].substring(prefix.length())};
  }

  @Override
  public String[][] listNamespaces() throws NoSuchNamespaceException {
    return Arrays.stream(super.listNamespaces()).filter(n -> n.length == 1 && n[0].startsWith(prefix)).map(this::outer).toArray(String[][]::new);
  }

  @Override
  public String[][] listNamespaces(String[] namespace) throws NoSuchNamespaceException {
    return namespace.length == 0 ? listNamespaces() : super.listNamespaces(inner(namespace));
  }

  @Override
  public boolean namespaceExists(String[] namespace) {
    return super.namespaceExists(inner(namespace));
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(String[] namespace) throws NoSuchNamespaceException {
    return super.loadNamespaceMetadata(inner(namespace));
  }

  @Override
  public void createNamespace(String[] namespace, Map<String, String> properties) throws NamespaceAlreadyExistsException {
    Map<String, String> all = new HashMap<>(properties);
    all.putIfAbsent(SupportsNamespaces.PROP_LOCATION, root + "/" + name + "/" + String.join(".", namespace));
    super.createNamespace(inner(namespace), all);
  }

  @Override
  public void alterNamespace(String[] namespace, NamespaceChange... changes) throws NoSuchNamespaceException {
    super.alterNamespace(inner(namespace), changes);
  }

  @Override
  public boolean dropNamespace(String[] namespace, boolean cascade) throws NoSuchNamespaceException, NonEmptyNamespaceException {
    return super.dropNamespace(inner(namespace), cascade);
  }

  @Override
  public Identifier[] listTables(String[] namespace) throws NoSuchNamespaceException {
    return Arrays.stream(super.listTables(inner(namespace))).map(t -> Identifier.of(namespace, t.name())).toArray(Identifier[]::new);
  }

  @Override
  public Table loadTable(Identifier table) {
    return super.loadTable(inner(table));
  }

  @Override
  public Table loadTable(Identifier table, String version) {
    return super.loadTable(inner(table), version);
  }

  @Override
  public Table loadTable(Identifier table, long timestamp) {
    return super.loadTable(inner(table), timestamp);
  }

  @Override
  public boolean tableExists(Identifier table) {
    return super.tableExists(inner(table));
  }

  @Override
  public void invalidateTable(Identifier table) {
    super.invalidateTable(inner(table));
  }

  @Override
  public Table createTable(Identifier table, Column[] columns, Transform[] partitions, Map<String, String> properties) {
    return super.createTable(inner(table), columns, partitions, properties);
  }

  @Override
  public StagedTable stageCreate(Identifier table, Column[] columns, Transform[] partitions, Map<String, String> properties) {
    return super.stageCreate(inner(table), columns, partitions, properties);
  }

  @Override
  public StagedTable stageReplace(Identifier table, Column[] columns, Transform[] partitions, Map<String, String> properties) {
    return super.stageReplace(inner(table), columns, partitions, properties);
  }

  @Override
  public StagedTable stageCreateOrReplace(Identifier table, Column[] columns, Transform[] partitions, Map<String, String> properties) {
    return super.stageCreateOrReplace(inner(table), columns, partitions, properties);
  }

  @Override
  public Table alterTable(Identifier table, TableChange... changes) {
    return super.alterTable(inner(table), changes);
  }

  @Override
  public boolean dropTable(Identifier table) {
    return super.dropTable(inner(table));
  }

  @Override
  public boolean purgeTable(Identifier table) {
    return super.purgeTable(inner(table));
  }

  @Override
  public void renameTable(Identifier from, Identifier to) throws NoSuchTableException, TableAlreadyExistsException {
    super.renameTable(inner(from), inner(to));
  }
}
