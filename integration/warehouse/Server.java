package medallion.warehouse;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import medallion.warehouse.Faults.Fault;
import medallion.warehouse.Thrift.Call;
import medallion.warehouse.Thrift.Struct;
import org.apache.spark.sql.classic.SparkSession;

/** The warehouse over HTTP on the loopback: Thrift calls, the downloads of links, files of volumes, and what tests control. */
public final class Server {
  private static final String BEARER = "Bearer ", TOKEN_PREFIX = "test-";
  private static final Pattern LINK = Pattern.compile("/cloudfetch/([0-9a-f]+)/(\\d+)-(\\d+)"), VALUE = Pattern.compile("(?:^|&)(token|expires)=([^&]*)");
  private static final int BACKLOG = 256;

  private final String base;
  private final Service service;
  private final Staging staging;
  private final Faults faults = new Faults();
  private final Statements statements = new Statements();
  private final Tasks tasks;
  private final ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** Starts a warehouse on Spark's session, with files under dir, and gives its address. */
  public static String start(SparkSession root, String dir) throws IOException {
    return new Server(root, Path.of(dir)).base;
  }

  private Server(SparkSession root, Path dir) throws IOException {
    HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    base = "http://127.0.0.1:" + http.getAddress().getPort();
    staging = new Staging(dir, base + "/staging");
    tasks = new Tasks(root.sparkContext());
    service = new Service(root, dir.resolve("results"), base + "/cloudfetch/", staging, faults, statements, tasks);
    http.setExecutor(Executors.newCachedThreadPool());
    http.createContext("/sql/", this::thrift);
    http.createContext("/cloudfetch/", this::download);
    http.createContext("/staging/", this::stage);
    http.createContext("/_faults", this::control);
    http.createContext("/_statements", this::list);
    http.start();
  }

  private void thrift(HttpExchange x) throws IOException {
    try (x) {
      String authorization = x.getRequestHeaders().getFirst("Authorization");
      if (authorization == null || !authorization.startsWith(BEARER + TOKEN_PREFIX)) {
        x.getResponseHeaders().set("X-Databricks-Reason-Phrase", "Invalid access token");
        reply(x, 403, new byte[0]);
        return;
      }
      String token = authorization.substring(BEARER.length());
      Call call = Call.parse(x.getRequestBody().readAllBytes());
      List<Fault> struck = faults.strike(token, call.method());
      if (fails(x, token, struck)) {
        return;
      }
      byte[] answer = answer(x, token, call, struck);
      x.getResponseHeaders().set("Content-Type", "application/x-thrift");
      reply(x, token, answer, struck);
    }
  }

  private byte[] answer(HttpExchange x, String token, Call call, List<Fault> struck) throws IOException {
    try {
      Struct result = service.call(call.method(), token, call.argument());
      if (has(struck, Faults.KILL_AFTER)) {
        service.await(result);
      }
      return call.reply(result);
    } catch (Service.NoHandle e) {
      return call.reply(Thrift.struct(1, Thrift.struct(1, 4, 5, e.getMessage()))); // INVALID_HANDLE_STATUS
    } catch (Exception e) {
      x.getResponseHeaders().set("X-Thriftserver-Error-Message", Operation.message(e).replaceAll("[\\r\\n]+", " "));
      return call.exception(Operation.message(e));
    }
  }

  private void download(HttpExchange x) throws IOException {
    try (x) {
      Matcher link = LINK.matcher(x.getRequestURI().getPath());
      Operation o = link.matches() ? service.download(link.group(1)) : null;
      if (o == null) {
        reply(x, 404, new byte[0]);
        return;
      }
      String token = o.session.token;
      List<Fault> struck = faults.strike(token, Faults.CLOUDFETCH);
      if (fails(x, token, struck)) {
        return;
      }
      if (Long.parseLong(value(x, "expires")) < System.currentTimeMillis() / 1000) {
        reply(x, 403, "the link has expired".getBytes(StandardCharsets.UTF_8));
        return;
      }
      int from = Integer.parseInt(link.group(2)), to = Integer.parseInt(link.group(3));
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      o.result().write(file, from, has(struck, Faults.SHORT) ? to - 1 : to);
      reply(x, token, file.toByteArray(), struck);
    }
  }

  private void stage(HttpExchange x) throws IOException {
    try (x) {
      String token = value(x, "token");
      List<Fault> struck = faults.strike(token, Faults.STAGING);
      if (fails(x, token, struck)) {
        return;
      }
      String volume = x.getRequestURI().getPath().substring("/staging".length());
      switch (x.getRequestMethod()) {
        case "PUT" -> {
          staging.put(volume, x.getRequestBody());
          reply(x, 200, new byte[0]);
        }
        case "GET" -> {
          byte[] file = staging.get(volume);
          if (file == null) {
            reply(x, 404, new byte[0]);
          } else {
            reply(x, token, file, struck);
          }
        }
        default -> reply(x, staging.remove(volume) ? 204 : 404, new byte[0]);
      }
    }
  }

  private void control(HttpExchange x) throws IOException {
    try (x) {
      String token = value(x, "token");
      if (x.getRequestMethod().equals("DELETE")) {
        faults.clear(token);
      } else {
        faults.add(token, json.readValue(x.getRequestBody().readAllBytes(), Fault.class));
      }
      reply(x, 204, new byte[0]);
    } catch (IllegalArgumentException | IOException e) {
      reply(x, 400, Operation.message(e).getBytes(StandardCharsets.UTF_8));
    }
  }

  private void list(HttpExchange x) throws IOException {
    try (x) {
      tasks.drain();
      reply(x, 200, json.writeValueAsBytes(statements.seen(value(x, "token"), tasks)));
    } catch (TimeoutException e) {
      reply(x, 503, Operation.message(e).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Whether a fault keeps the request from being served. */
  private boolean fails(HttpExchange x, String token, List<Fault> struck) throws IOException {
    for (Fault f : struck) {
      switch (f.kind()) {
        case Faults.SLOW -> sleep(f.seconds());
        case Faults.KILL_BEFORE -> faults.kill(token);
        default -> {
          if (f.isStatus()) {
            if (f.seconds() > 0) {
              x.getResponseHeaders().set("Retry-After", Long.toString(Math.round(f.seconds())));
            }
            reply(x, Integer.parseInt(f.kind()), new byte[0]);
            return true;
          }
        }
      }
    }
    return has(struck, Faults.DROP) || faults.isDead(token); // closing the exchange without an answer closes the connection
  }

  /** Sends a full answer, unless a fault keeps it or part of it back. */
  private void reply(HttpExchange x, String token, byte[] body, List<Fault> struck) throws IOException {
    if (has(struck, Faults.KILL_AFTER)) {
      faults.kill(token);
    }
    if (has(struck, Faults.LOST) || faults.isDead(token)) {
      return;
    }
    if (!has(struck, Faults.TRUNCATE)) {
      reply(x, 200, body);
      return;
    }
    x.sendResponseHeaders(200, body.length);
    x.getResponseBody().write(body, 0, body.length / 2);
  }

  private static void reply(HttpExchange x, int status, byte[] body) throws IOException {
    x.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = x.getResponseBody()) {
      out.write(body);
    }
  }

  private static boolean has(List<Fault> struck, String kind) {
    return struck.stream().anyMatch(f -> f.kind().equals(kind));
  }

  private static void sleep(double seconds) {
    try {
      Thread.sleep(Math.round(seconds * 1000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A value of the address's query. */
  private static String value(HttpExchange x, String name) {
    Matcher m = VALUE.matcher(x.getRequestURI().getQuery() == null ? "" : x.getRequestURI().getQuery());
    while (m.find()) {
      if (m.group(1).equals(name)) {
        return m.group(2);
      }
    }
    return "";
  }
}
