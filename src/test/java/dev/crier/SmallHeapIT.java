package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threat: clients fill the heap with request bodies or responses. Each kind may take only its share of a heap of 64 MiB. */
@Timeout(120)
class SmallHeapIT {

    private static final String TOKEN = "a-token-of-the-tests";

    private static final int BODY_BYTES = 1_000_000;

    /** The number of such bodies that fit in an eighth of the heap. */
    private static final int BODIES = (64 << 20) / 8 / BODY_BYTES;

    /** The number of stalled responses that fit in a sixteenth of the heap, at 16 KiB each. */
    private static final int RESPONSES = (64 << 20) / 16 / (16 << 10);

    private static final int FORM_BYTES = 750_000;

    /** The number of such forms that fit in a sixteenth of the heap. */
    private static final int FORMS = (64 << 20) / 16 / FORM_BYTES;

    private static final int NAMES = 1_000;

    /** The number of subscribers with so many names whose names fit in an eighth of the heap: each name has 232 bytes. */
    private static final int NAMED_SUBSCRIBERS = (64 << 20) / 8 / (NAMES * (152 + 232));

    /** Client addresses, of which none takes more than its quarter. */
    private static final List<String> ADDRESSES =
            IntStream.rangeClosed(1, 8).mapToObj(number -> "192.0.2." + number).toList();

    private static final int PAUSE_MILLIS = 1_000;

    @TempDir
    private Path folder;

    /** With one event loop, so that the order of events is certain. */
    private CrierProcess crier() throws IOException {
        return CrierProcess.start(
                folder,
                CrierProcess.jarWith("-Xmx64m", "-XX:+UseG1GC"),
                "-options",
                "{\"eventLoopPoolSize\": 1}",
                "-conf",
                """
                {
                  "host": "127.0.0.1",
                  "port": 0,
                  "http": {"h2c": true},
                  "trustedProxies": ["127.0.0.1"],
                  "limits": {"answerTimeout": "PT1H"},
                  "publish": {"maxBytes": %d, "idleTimeout": "PT1M", "tokens": ["%s"]},
                  "channels": {"/news": {"publish": true}, "/orders/:id": {"publish": true}, "/secret/:id": {"read": "token"}},
                  "read": {"tokens": ["a-read-token-of-the-tests"]}
                }""".formatted(BODY_BYTES, TOKEN));
    }

    /** Sends a body without its last byte. */
    private static RawClient beginBody(int port) throws IOException {
        var client = RawClient.request(
                port, "POST /news", "Authorization: Bearer " + TOKEN, "Content-Length: " + BODY_BYTES);
        client.send("x".repeat(BODY_BYTES - 1));
        return client;
    }

    private static boolean hasResponse(RawClient client) throws IOException {
        client.timeout(10);
        try {
            return client.hasMore();
        } finally {
            client.timeout(30_000);
        }
    }

    @Test
    void requestBodiesTogetherAreBoundedAndFinishedOnesMakeRoom() throws Exception {
        int surplus = 4;
        var clients = new ArrayList<RawClient>();
        try (var crier = crier()) {
            for (int i = 0; i < BODIES + surplus; i++) {
                clients.add(beginBody(crier.port()));
            }
            var rejected = new ArrayList<RawClient>();
            Eventually.until(() -> "rejected: " + rejected.size(), () -> {
                for (RawClient client : clients) {
                    if (!rejected.contains(client) && hasResponse(client)) {
                        rejected.add(client);
                    }
                }
                return rejected.size() >= surplus;
            });
            for (RawClient client : rejected) {
                List<String> head = client.head();
                assertEquals("HTTP/1.1 503 Service Unavailable", head.get(0));
                assertTrue(client.header(head, "Retry-After").isPresent(), head.toString());
            }
            clients.removeAll(rejected);
            assertEquals(BODIES, clients.size());
            for (RawClient client : clients) {
                client.send("x");
                assertEquals("HTTP/1.1 201 Created", client.head().get(0));
            }
            for (int i = 0; i < 2 * BODIES; i++) {
                try (var client = beginBody(crier.port())) {
                    client.send("x");
                    assertEquals("HTTP/1.1 201 Created", client.head().get(0));
                }
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    /** The limit of bodies is for those that arrive. A stream keeps what it needs of its form only. */
    @Test
    void formsOfStreamsTakeNoRoomOnceTheStreamHasBegun() throws Exception {
        var clients = new ArrayList<RawClient>();
        String form = "channel=/news&x=" + "x".repeat(FORM_BYTES);
        try (var crier = crier()) {
            for (int i = 0; i < 4 * BODIES; i++) {
                var client = RawClient.request(
                        crier.port(),
                        "POST /events",
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: " + form.length());
                clients.add(client);
                client.send(form);
                assertEquals("HTTP/1.1 200 OK", client.head().get(0), "stream " + i);
            }
            for (int i = 0; i < 2 * BODIES; i++) {
                try (var publisher = beginBody(crier.port())) {
                    publisher.send("x");
                    assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
                }
            }
            assertTrue(clients.get(0).readThrough(" /news\n\n").endsWith(" /news\n\n"));
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    /** Forms are read before any token, so anyone can send them. */
    @Test
    void formsThatArriveAreBoundedAndKeepNoPublisherOut() throws Exception {
        var clients = new ArrayList<RawClient>();
        String form = "channel=/news&x=" + "x".repeat(FORM_BYTES);
        try (var crier = crier()) {
            for (int i = 0; i < 2 * FORMS; i++) {
                clients.add(postForm(crier.port(), form, form.length() + 1));
            }
            var refused = new ArrayList<RawClient>();
            Eventually.until(() -> "refused: " + refused.size(), () -> {
                for (RawClient client : clients) {
                    if (!refused.contains(client) && hasResponse(client)) {
                        refused.add(client);
                    }
                }
                return refused.size() >= FORMS;
            });
            for (RawClient client : refused) {
                assertEquals("HTTP/1.1 200 OK", client.head().get(0));
                assertEquals(": The bodies of all open requests take too much memory.\n", client.readThrough("\n"));
            }
            for (int i = 0; i < BODIES; i++) {
                var publisher = beginBody(crier.port());
                clients.add(publisher);
                refused.add(publisher);
            }
            for (RawClient publisher : clients.subList(2 * FORMS, clients.size())) {
                publisher.send("x");
                assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
            }
            clients.removeAll(refused);
            assertEquals(FORMS, clients.size());
            for (RawClient client : clients) {
                client.send("x");
                assertTrue(isAdmitted(client));
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    /** Nobody needs to have published to a channel of a family, so a client can invent names. */
    @Test
    void channelNamesOfAllStreamsTogetherAreBoundedAndStreamsThatEndMakeRoom() throws Exception {
        var clients = new ArrayList<RawClient>();
        int admitted = 0;
        try (var crier = crier()) {
            for (int i = 0; i < 2 * NAMED_SUBSCRIBERS; i++) {
                var client = subscribeToLongNames(crier.port(), i, ADDRESSES.get(i % ADDRESSES.size()));
                clients.add(client);
                if (isAdmitted(client)) {
                    admitted++;
                }
            }
            assertTrue(admitted > NAMED_SUBSCRIBERS * 9 / 10 && admitted <= NAMED_SUBSCRIBERS, "admitted: " + admitted);
            try (var single = RawClient.request(crier.port(), "GET /events?channel=/news")) {
                assertTrue(isAdmitted(single), "a few names still fit");
            }
            for (RawClient client : clients) {
                client.close();
            }
            for (int i = 0; i < admitted; i++) {
                int number = i;
                Eventually.until("names are released", () -> {
                    var client = subscribeToLongNames(crier.port(), number, ADDRESSES.get(number % ADDRESSES.size()));
                    clients.add(client);
                    return isAdmitted(client);
                });
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void channelNamesOfOneAddressLeaveRoomForThoseOfOthers() throws Exception {
        var clients = new ArrayList<RawClient>();
        int admitted = 0;
        try (var crier = crier()) {
            for (int i = 0; i < 2 * NAMED_SUBSCRIBERS; i++) {
                var client = subscribeToLongNames(crier.port(), i, ADDRESSES.get(0));
                clients.add(client);
                List<String> head = client.head();
                if (client.header(head, "Content-Length").isPresent()) {
                    assertEquals(
                            ": The channel names of all subscribers of this address take too much memory."
                                    + " Behind a proxy, list it in trustedProxies.\n",
                            client.readThrough("\n"));
                } else {
                    admitted++;
                }
            }
            assertEquals(NAMED_SUBSCRIBERS / 4, admitted);
            try (var other = subscribeToLongNames(crier.port(), 0, ADDRESSES.get(1))) {
                assertTrue(isAdmitted(other));
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void requestsThatGetNoStreamKeepNoNames() throws Exception {
        try (var crier = crier()) {
            for (int i = 0; i < 2 * NAMED_SUBSCRIBERS; i++) {
                String secret = longNames("/secret/", i);
                String invalid = longNames("/orders/", i) + "&lastEventId=invalid";
                try (var unauthorized = postForm(crier.port(), secret, secret.length());
                        var malformed = postForm(crier.port(), invalid, invalid.length())) {
                    assertEquals(
                            "HTTP/1.1 401 Unauthorized", unauthorized.head().get(0));
                    assertEquals("HTTP/1.1 400 Bad Request", malformed.head().get(0));
                }
            }
            try (var client = subscribeToLongNames(crier.port(), 0, ADDRESSES.get(0))) {
                assertTrue(isAdmitted(client));
            }
        }
    }

    private static RawClient subscribeToLongNames(int port, int number, String address) throws IOException {
        String form = longNames("/orders/", number);
        return postForm(port, form, form.length(), "X-Forwarded-For: " + address);
    }

    private static String longNames(String family, int number) {
        return IntStream.range(0, NAMES)
                .mapToObj(i -> ("channel=" + family + number + "-" + i + "-").concat("x".repeat(240)))
                .map(parameter -> parameter.substring(0, 240))
                .collect(Collectors.joining("&"));
    }

    private static RawClient postForm(int port, String form, int length, String... headers) throws IOException {
        var all = new ArrayList<>(List.of(headers));
        all.add("Content-Type: application/x-www-form-urlencoded");
        all.add("Content-Length: " + length);
        var client = RawClient.request(port, "POST /events", all.toArray(String[]::new));
        client.send(form);
        return client;
    }

    /** Returns whether the stream stays open. One that ends at once has a length. */
    private static boolean isAdmitted(RawClient client) throws IOException {
        List<String> head = client.head();
        assertEquals("HTTP/1.1 200 OK", head.get(0));
        boolean ends = client.header(head, "Content-Length").isPresent();
        if (ends) {
            assertEquals(
                    ": The channel names of all subscribers together take too much memory.\n",
                    client.readThrough("\n"));
        }
        return !ends;
    }

    /**
     * One pass for each response would block the event loop. The response to a PING shows where a pass ends, because it never
     * comes between two resets of the same pass.
     */
    @Test
    void stalledResponsesAboveTheLimitAreResetInOnePassTheSlowestFirst() throws Exception {
        int surplus = 100;
        try (var crier = crier();
                var slowest = RawHttp2Client.withWindow(crier.port(), 0);
                var slow = RawHttp2Client.withWindow(crier.port(), 0);
                var latest = RawHttp2Client.withWindow(crier.port(), 0)) {
            stall(slowest, 200);
            pause(PAUSE_MILLIS);
            int second = stall(slow, RESPONSES - 200);
            pause(PAUSE_MILLIS);
            assertEquals(0, resets(slowest), "no response is reset below the limit");
            int third = stall(latest, surplus);
            var passes = new ArrayList<Integer>();
            Eventually.until("responses are reset", () -> {
                int resets = resets(slowest);
                if (resets > 0) {
                    passes.add(resets);
                }
                return !passes.isEmpty();
            });
            pause(PAUSE_MILLIS);
            assertEquals(0, resets(slowest));
            assertEquals(List.of(surplus), passes);
            assertComplete(slow, second);
            assertComplete(latest, third);
        }
    }

    /** Asks for responses whose bodies do not fit in the window, and returns the stream of the last one. */
    private static int stall(RawHttp2Client client, int responses) throws IOException {
        int last = client.requests(responses, "GET", "/nothing");
        assertEquals("404", client.status(last));
        return last;
    }

    /** Returns the number of streams that are reset before the response to a PING. */
    private static int resets(RawHttp2Client client) throws IOException {
        client.send(RawHttp2Client.PING, 0, 0, Unpooled.buffer().writeZero(RawHttp2Client.PING_BYTES));
        int resets = 0;
        while (true) {
            RawHttp2Client.Frame frame = client.frame();
            if (frame.type() == RawHttp2Client.PING) {
                return resets;
            }
            resets += frame.type() == RawHttp2Client.RST_STREAM ? 1 : 0;
        }
    }

    private static void assertComplete(RawHttp2Client client, int stream) throws IOException {
        client.openWindow(stream, 10_000);
        assertTrue(client.next(RawHttp2Client.DATA, stream).payload().length > 0);
    }

    private static void pause(long millis) throws Exception {
        long end = System.nanoTime() + millis * 1_000_000;
        Eventually.until("a pause", () -> System.nanoTime() > end);
    }
}
