package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.clients.CuttingProxy.Cut;
import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.Ports;
import dev.crier.testing.Proxy;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every client delivers each event once and in order, and nothing else, whatever happens to its connections. */
@Timeout(120)
abstract class ClientContract extends ClientFixture {

    private static final int CUTS = 120;

    /** The first cut comes after {@code retry:}, because some clients wait seconds by default before they reconnect. */
    private static final int FIRST_CUT = 100;

    /** Shares no divisor with {@link #STEP}, so that every number of bytes occurs before a cut. */
    private static final int LONGEST_STREAM = 211;

    private static final int STEP = 37;

    /** The end of a block without its last line feed. */
    private static final Pattern ID_WITHOUT_BLANK_LINE = Pattern.compile("\nid: \\S+\n$");

    /** A line of nginx's access log for a request while Crier was away. */
    private static final Pattern FAILED_REQUEST = Pattern.compile("(?m)^502 .*client=(\\w+)");

    @Test
    void oddTextsAreDeliveredAsTheHtmlStandardRequires() throws Exception {
        try (var crier = new RunningCrier(configuration(1_000));
                var inbox = subscribe(crier.port(), "/events?lastEventId=earliest")) {
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
    void oddTextsInJsonAreDeliveredUnchanged() throws Exception {
        try (var crier = new RunningCrier(configuration(1_000));
                var inbox = subscribe(crier.port(), "/json?lastEventId=earliest")) {
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
            assertOnlyKnownTypes(inbox);
            for (Received event : inbox.events()) {
                new JsonObject(event.data()); // JSON whatever its type, because some users parse every event
            }
        }
    }

    @Test
    void afterACutAtAnyByteTheClientResumesAndDeliversTheRest() throws Exception {
        try (var crier = new RunningCrier(configuration(10_000));
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
            try (var inbox = subscribe(proxy.port(), "/events?lastEventId=earliest")) {
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
                && !(storesIdBeforeTheBlankLine()
                        && ID_WITHOUT_BLANK_LINE.matcher(last).find());
    }

    @Test
    void beforeItsFirstEventTheClientResumesAtThePositionOfTheStartBlock() throws Exception {
        try (var crier = new RunningCrier(configuration(1_000));
                var proxy = new CuttingProxy(crier.port())) {
            publishNumbers(crier.port(), 1, 3);
            var streams = new AtomicInteger();
            // ends the first stream after the start block; then Crier is away until the events are published
            proxy.end(() -> streams.getAndIncrement() > 0
                    ? Cut.NEVER
                    : (bytes, last) -> last.toString().endsWith("\n\n") && proxy.goAway());
            try (var inbox = subscribe(proxy.port(), "/events")) {
                Eventually.until("the stream has ended", () -> proxy.cuts() == 1);
                publishNumbers(crier.port(), 4, 6);
                proxy.comeBack();
                assertDelivered(numbers(4, 6), inbox, crier.port());
            }
        }
    }

    @Test
    void aClientThatMissesEventsDeliversAGapEvent() throws Exception {
        try (var crier = new RunningCrier(configuration(5));
                var proxy = new CuttingProxy(crier.port());
                var inbox = subscribe(proxy.port(), "/events?lastEventId=earliest")) {
            publishNumbers(crier.port(), 1, 3);
            inbox.assertMessages(numbers(1, 3));
            proxy.goAway();
            proxy.cutAll();
            publishNumbers(crier.port(), 4, 23);
            proxy.comeBack();
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
        int port = Ports.free();
        try (var inbox = new Inbox();
                var publisher = new NumberPublisher(port, "/events", TOKEN, Duration.ofMillis(5))) {
            try (var crashing = CrierProcess.start(
                    folder, "-conf", durableConfiguration(port).encode())) {
                crashing.port();
                inbox.fillFrom(connect(stream(port, "/events?lastEventId=earliest"), inbox));
                publisher.start();
                awaitMore(publisher, inbox);
            } // close() kills it
            try (var stopping = new RunningCrier(durableConfiguration(port))) {
                assertEquals(port, stopping.port());
                awaitMore(publisher, inbox);
            }
            try (var successor = new RunningCrier(durableConfiguration(port))) {
                assertEquals(port, successor.port());
                awaitMore(publisher, inbox);
                assertDelivered(numbers(1, publisher.finish()), inbox, port);
            }
        }
    }

    private static void awaitMore(NumberPublisher publisher, Inbox inbox) throws Exception {
        int next = publisher.acknowledged() + 20;
        Eventually.until(
                () -> next + " delivered: " + inbox.events(),
                () -> inbox.messages().size() >= next);
    }

    /** A browser gives up for good at any status but 200, so {@code deploy/nginx.conf} never shows it another. */
    @Test
    void behindNginxTheClientMissesNothingOverARestart() throws Exception {
        List<Inbox> inboxes = Stream.generate(Inbox::new).limit(manyClients()).toList();
        int server = Ports.free();
        try (var proxy = nginx(server);
                var publisher = new NumberPublisher(proxy.port(), "/events", TOKEN, Duration.ofMillis(20));
                var all = new Inbox()) {
            try (var stopping = new RunningCrier(durableConfiguration(server))) {
                assertEquals(server, stopping.port());
                publisher.start();
                all.fillFrom(connectMany(
                        stream(proxy.port(), "/events?lastEventId=earliest&client=CLIENT"),
                        event -> inboxes.get(event.client()).accept(event)));
                Eventually.until(
                        "all have events",
                        () -> inboxes.stream()
                                .allMatch(inbox -> inbox.messages().size() >= 10));
            }
            Eventually.until("all have tried to reconnect", () -> failedClients() == manyClients());
            try (var successor = new RunningCrier(durableConfiguration(server))) {
                assertEquals(server, successor.port());
                int next = publisher.acknowledged() + 10;
                Eventually.until("events are published again", () -> publisher.acknowledged() >= next);
                List<String> numbers = numbers(1, publisher.finish());
                for (Inbox inbox : inboxes) {
                    inbox.assertMessages(numbers);
                    assertOnlyKnownTypes(inbox);
                }
            }
        }
    }

    /** Starts nginx with the file in {@code deploy/}, on free ports, with a shorter retry time and an access log. */
    private Proxy nginx(int server) throws Exception {
        int port = Ports.free();
        String file = Files.readString(Path.of("deploy/nginx.conf"))
                .replace("listen 80;", "listen 127.0.0.1:" + port + "; access_log requests.log tries;")
                .replace("http://127.0.0.1:3000", "http://127.0.0.1:" + server)
                .replace("retry: 2000", "retry: 200");
        return Proxy.nginx(folder, port, "log_format tries '$upstream_status $request_uri'; " + file);
    }

    /** Returns the number of clients that have sent a request while Crier was away. */
    private long failedClients() throws IOException {
        Path log = folder.resolve("requests.log");
        return Files.exists(log)
                ? FAILED_REQUEST
                        .matcher(Files.readString(log))
                        .results()
                        .map(found -> found.group(1))
                        .distinct()
                        .count()
                : 0;
    }
}
