package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.clients.CuttingProxy.Cut;
import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.Proxy;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every client must deliver each event once and in order, and nothing else, whatever happens to its connections. */
@Timeout(120)
abstract class ClientContract {

    static final String TOKEN = "a-token-of-the-tests";

    private static final String START = "crier.start";
    private static final String GAP = "crier.gap";
    private static final String END = "crier.end";

    private static final int CUTS = 120;

    /** The first cut comes after the client has read {@code retry:}, because some clients wait seconds by default. */
    private static final int FIRST_CUT = 100;

    /** Shares no divisor with the step, so that the cuts come after each number of bytes in turn. */
    private static final int LONGEST_STREAM = 211;

    private static final int STEP = 37;

    /** The end of a block without its last line feed. */
    private static final Pattern ID_WITHOUT_BLANK_LINE = Pattern.compile("\nid: \\S+\n$");

    /** A line of nginx's access log for a request that Crier was not there for. */
    private static final Pattern IN_VAIN = Pattern.compile("(?m)^502 .*client=(\\w+)");

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    /** Starts the client. It listens for events without a type and for {@code crier.gap}. */
    abstract Closeable connect(URI stream, Consumer<Received> events) throws Exception;

    /** How many clients read at once behind a proxy. */
    int manyClients() {
        return 1;
    }

    /** Starts as many, each with its number in place of {@code CLIENT} in the URL, unless it is the only one. */
    Closeable connectMany(URI stream, Consumer<Received> events) throws Exception {
        return connect(stream, events);
    }

    /**
     * Whether the client hands the events of all types to one handler, so that its user sees {@code crier.start} and
     * {@code crier.end} too. A client with a listener for each type never shows them.
     */
    abstract boolean showsEveryType();

    /**
     * Returns what the client delivers for a text. An event stream cannot tell line ends apart, so all of them become LF
     * (HTML standard, 9.2.6). Beyond that, a client that changes texts says so here.
     */
    String delivered(String text) {
        return text.replace("\r\n", "\n").replace('\r', '\n');
    }

    /**
     * Whether the client takes an event's id before the blank line has arrived. If the connection breaks between these two
     * bytes, the client resumes after an event that it has not delivered. No server can prevent that.
     */
    boolean takesIdBeforeTheBlankLine() {
        return false;
    }

    /** The only origin whose pages may read. */
    String origin() {
        return "http://no-pages-in-these-tests.example";
    }

    JsonObject conf(int retained) {
        var channel = new JsonObject()
                .put("keep", new JsonObject().put("events", retained))
                .put("publish", true);
        return new JsonObject()
                .put("host", "127.0.0.1")
                .put("retry", "PT0.01S")
                .put("cors", new JsonObject().put("origins", new JsonArray().add(origin())))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put("channels", new JsonObject().put("/events", channel).put("/json", channel));
    }

    private static URI stream(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    Inbox read(int port, String path) throws Exception {
        var inbox = new Inbox();
        inbox.filledBy(connect(stream(port, path), inbox));
        return inbox;
    }

    private void publish(int port, String channel, String mediaType, String body) throws Exception {
        var request = HttpRequest.newBuilder(stream(port, channel))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", mediaType)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        var response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(201, response.statusCode(), response.body());
    }

    void publishNumbers(int port, int from, int to) throws Exception {
        for (int number = from; number <= to; number++) {
            publish(port, "/events", "text/plain", String.valueOf(number));
        }
    }

    static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
    }

    /** Publishes one more event, so that a duplicate or foreign event is noticed even at the end. */
    private void assertDelivered(List<String> expected, Inbox inbox, int port) throws Exception {
        publish(port, "/events", "text/plain", "the last");
        var all = new ArrayList<>(expected);
        all.add("the last");
        inbox.assertMessages(all);
        assertNothingThatWasNotAskedFor(inbox);
    }

    private void assertNothingThatWasNotAskedFor(Inbox inbox) {
        Set<String> types =
                showsEveryType() ? Set.of(Received.MESSAGE, START, GAP, END) : Set.of(Received.MESSAGE, GAP);
        for (Received event : inbox.events()) {
            assertTrue(types.contains(event.type()), () -> "a foreign event: " + event);
            if (event.type().equals(START) || event.type().equals(END)) {
                assertEquals("{}", event.data());
            }
        }
        assertEquals(showsEveryType(), !inbox.ofType(START).isEmpty(), "crier.start is shown");
    }

    @Test
    void oddTextsArriveAsTheStandardSays() throws Exception {
        try (var crier = new RunningCrier(conf(1_000));
                var inbox = read(crier.port(), "/events?lastEventId=earliest")) {
            for (OddText odd : OddText.values()) {
                publish(crier.port(), "/events", "text/plain", odd.text());
            }
            List<String> texts = Stream.of(OddText.values())
                    .map(odd -> delivered(odd.text()))
                    .toList();
            assertDelivered(texts, inbox, crier.port());
        }
    }

    @Test
    void oddTextsInJsonArriveUnchanged() throws Exception {
        try (var crier = new RunningCrier(conf(1_000));
                var inbox = read(crier.port(), "/json?lastEventId=earliest")) {
            for (OddText odd : OddText.values()) {
                publish(
                        crier.port(),
                        "/json",
                        "application/json",
                        new JsonObject().put("text", odd.text()).encode());
            }
            int count = OddText.values().length;
            Eventually.until(
                    () -> "all: " + inbox.events(), () -> inbox.messages().size() >= count);
            assertEquals(
                    Stream.of(OddText.values()).map(OddText::text).toList(),
                    inbox.messages().stream()
                            .map(data -> new JsonObject(data).getString("text"))
                            .toList());
            assertNothingThatWasNotAskedFor(inbox);
            for (Received event : inbox.events()) {
                new JsonObject(event.data()); // whatever its type: some users parse all that they are handed
            }
        }
    }

    @Test
    void afterACutAtAnyByteTheClientResumesAndGetsTheRest() throws Exception {
        try (var crier = new RunningCrier(conf(10_000));
                var proxy = new CuttingProxy(crier.port())) {
            List<String> events = IntStream.rangeClosed(1, 3 * CUTS)
                    .mapToObj(number -> number + "\nid: " + number + " again")
                    .toList();
            publish(
                    crier.port(),
                    "/events",
                    "application/x-ndjson",
                    String.join(
                            "\n",
                            events.stream()
                                    .map(data ->
                                            new JsonObject().put("data", data).encode())
                                    .toList()));
            var streams = new AtomicInteger();
            proxy.cut(() -> cut(streams.getAndIncrement()));
            try (var inbox = read(proxy.port(), "/events?lastEventId=earliest")) {
                assertDelivered(events.stream().map(this::delivered).toList(), inbox, crier.port());
                assertEquals(CUTS, proxy.cuts());
            }
        }
    }

    private Cut cut(int stream) {
        if (stream >= CUTS) {
            return Cut.NEVER;
        }
        int after = stream == 0 ? FIRST_CUT : 1 + stream * STEP % LONGEST_STREAM;
        return (bytes, last) -> bytes >= after
                && !(takesIdBeforeTheBlankLine()
                        && ID_WITHOUT_BLANK_LINE.matcher(last).find());
    }

    @Test
    void beforeItsFirstEventTheClientResumesAtThePositionOfTheStartBlock() throws Exception {
        try (var crier = new RunningCrier(conf(1_000));
                var proxy = new CuttingProxy(crier.port())) {
            publishNumbers(crier.port(), 1, 3);
            var streams = new AtomicInteger();
            // after the start block; then the server is away until the events are published
            proxy.end(() -> streams.getAndIncrement() > 0
                    ? Cut.NEVER
                    : (bytes, last) -> last.toString().endsWith("\n\n") && proxy.hold());
            try (var inbox = read(proxy.port(), "/events")) {
                Eventually.until("the stream has ended", () -> proxy.cuts() == 1);
                publishNumbers(crier.port(), 4, 6);
                proxy.release();
                assertDelivered(numbers(4, 6), inbox, crier.port());
            }
        }
    }

    @Test
    void afterAGapTheClientGetsAGapEvent() throws Exception {
        try (var crier = new RunningCrier(conf(5));
                var proxy = new CuttingProxy(crier.port());
                var inbox = read(proxy.port(), "/events?lastEventId=earliest")) {
            publishNumbers(crier.port(), 1, 3);
            inbox.assertMessages(numbers(1, 3));
            proxy.hold();
            proxy.cutAll();
            publishNumbers(crier.port(), 4, 23);
            proxy.release();
            var expected = new ArrayList<>(numbers(1, 3));
            expected.addAll(numbers(19, 23));
            inbox.assertMessages(expected);
            assertDelivered(expected, inbox, crier.port());

            List<Received> gaps = inbox.ofType(GAP);
            assertEquals(1, gaps.size(), gaps::toString);
            List<Received> events = inbox.events();
            int gap = events.indexOf(gaps.get(0));
            Received before = events.subList(0, gap).stream()
                    .filter(Received::isMessage)
                    .reduce((first, second) -> second)
                    .orElseThrow();
            Received after = events.get(gap + 1);
            assertEquals(List.of("3", "19"), List.of(before.data(), after.data()));
            assertEquals(
                    new JsonObject().put("asked", before.id()).put("oldest", after.id()),
                    new JsonObject(gaps.get(0).data()));
        }
    }

    @Test
    void overACrashAndARestartTheClientMissesNothing() throws Exception {
        CrierProcess crier = crier(0);
        try {
            int port = crier.port();
            try (var inbox = read(port, "/events?lastEventId=earliest");
                    var publisher = new NumberPublisher(port, "/events", TOKEN, Duration.ofMillis(2))) {
                publisher.start();
                awaitMore(publisher, inbox);
                crier.close(); // kill -9
                crier = crier(port);
                awaitMore(publisher, inbox);
                crier.terminate();
                assertEquals(0, crier.exitStatus());
                crier.close();
                crier = crier(port);
                awaitMore(publisher, inbox);
                assertDelivered(numbers(1, publisher.finish()), inbox, port);
            }
        } finally {
            crier.close();
        }
    }

    private static void awaitMore(NumberPublisher publisher, Inbox inbox) throws Exception {
        int then = publisher.acknowledged() + 20;
        Eventually.until(
                () -> then + " delivered: " + inbox.events(),
                () -> inbox.messages().size() >= then);
    }

    /** A browser gives up for good at any status but 200, so {@code deploy/nginx.conf} never shows it another. */
    @Test
    void behindNginxItSurvivesARestart() throws Exception {
        List<Inbox> inboxes = Stream.generate(Inbox::new).limit(manyClients()).toList();
        int server = Proxy.freePort();
        try (var proxy = nginx(server);
                var publisher = new NumberPublisher(proxy.port(), "/events", TOKEN, Duration.ofMillis(20));
                var all = new Inbox()) {
            try (var crier = crier(server)) {
                crier.port();
                publisher.start();
                all.filledBy(connectMany(
                        stream(proxy.port(), "/events?lastEventId=earliest&client=CLIENT"),
                        event -> inboxes.get(event.client()).accept(event)));
                Eventually.until(
                        "all have events",
                        () -> inboxes.stream()
                                .allMatch(inbox -> inbox.messages().size() >= 10));
                crier.terminate();
                assertEquals(0, crier.exitStatus());
            }
            Eventually.until("all have asked in vain", () -> inVain() == manyClients());
            try (var successor = crier(server)) {
                successor.port();
                int then = publisher.acknowledged() + 10;
                Eventually.until("events are published again", () -> publisher.acknowledged() >= then);
                List<String> numbers = numbers(1, publisher.finish());
                for (Inbox inbox : inboxes) {
                    inbox.assertMessages(numbers);
                    assertNothingThatWasNotAskedFor(inbox);
                }
            }
        }
    }

    /** The file in {@code deploy/}, on free ports, with a shorter wait and a line for each request. */
    private Proxy nginx(int server) throws Exception {
        int port = Proxy.freePort();
        String conf = Files.readString(Path.of("deploy/nginx.conf"))
                .replace("listen 80;", "listen 127.0.0.1:" + port + "; access_log requests.log tries;")
                .replace("http://127.0.0.1:3000", "http://127.0.0.1:" + server)
                .replace("retry: 2000", "retry: 200");
        return Proxy.nginx(folder, port, "log_format tries '$upstream_status $request_uri'; " + conf);
    }

    /** Returns how many clients have asked nginx while Crier was away. */
    private long inVain() throws IOException {
        Path log = folder.resolve("requests.log");
        return Files.exists(log)
                ? IN_VAIN.matcher(Files.readString(log))
                        .results()
                        .map(found -> found.group(1))
                        .distinct()
                        .count()
                : 0;
    }

    /** Starts the jar with a log on the disk. */
    private CrierProcess crier(int port) throws IOException {
        JsonObject conf = conf(1_000_000)
                .put("port", port)
                .put("log", new JsonObject().put("store", "sqlite"))
                .put("shutdown", new JsonObject().put("drain", "PT0.2S"));
        return CrierProcess.start(
                folder,
                List.of("-XX:SharedArchiveFile=" + CrierProcess.ARCHIVE, "-jar", CrierProcess.JAR.toString()),
                "-conf",
                conf.encode());
    }
}
