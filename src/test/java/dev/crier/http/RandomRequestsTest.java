package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Threat: a malformed request makes Crier fail, log an error, or disturb another client. */
class RandomRequestsTest {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final int REQUESTS = 500;

    /** A request, and the statuses that it may be answered with. */
    private record Attack(String request, List<Integer> expected) {}

    private static final List<Function<Random, Attack>> ATTACKS = List.of(
            random -> get("/" + rubbish(random, "%"), 400),
            random -> get("/news/" + rubbish(random, "%zZ/."), 400, 404),
            random -> get(
                    "/orders/%" + pick(random, "00", "0A", "7f", "ff", "c0%af", "ed%a0%80", "E2%80%AE", "C2%85"), 400),
            random -> get(
                    "/" + pick(random, "..", "%2e%2e", "a/../b", "a//b", ".", "%2e", "a/%2E%2E/b") + "/etc/passwd",
                    400),
            random -> get("/orders/" + "x".repeat(250 + random.nextInt(3000)), 400),
            random -> get("/" + "x".repeat(5000 + random.nextInt(20_000)), 414),
            random -> get("/news?lastEventId=" + letters(random), 400),
            random -> get("/news?lastEventId=%" + pick(random, "0", "zz", "00", "ff"), 400),
            random -> head("GET /news", "Accept: " + rubbish(random, "/;=\",*q."), 200, 406),
            random -> head("GET /news", "Last-Event-ID: " + rubbish(random, "-0:\"'\\"), 200),
            random -> head("GET /news", "Origin: " + rubbish(random, ":/.[]@"), 200),
            random -> head("GET /", "Range: bytes=" + rubbish(random, "0-,"), 200, 206, 416),
            random -> head("GET /", "X: " + "x".repeat(9000 + random.nextInt(20_000)), 431),
            random -> head("GET /news", rubbish(random, "\0\t()").replace(":", "") + " : x", 400),
            random -> head(letters(random).toUpperCase() + " /news", "X: y", 405),
            random -> new Attack(rubbish(random, "\0\1\2\3/ ") + "\r\n\r\n", List.of(400, 501)),
            random -> new Attack("GET /news HTTP/" + letters(random) + "\r\n\r\n", List.of(400, 501)),
            random -> publish("/news?event=%" + pick(random, "", "zz", "ff", "ED%A0%80"), "", "x", 400),
            random -> publish("/news?event=a&event=b", "", "x", 400),
            random -> publish("/news?event=" + "x".repeat(256), "", "x", 400),
            random -> publish("/news", "Content-Encoding: gzip", "x", 415),
            random -> publish("/news", "Content-Type: application/x-ndjson", "{\"data\":\"\\ud800\"}", 400),
            random -> new Attack(
                    "POST /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TOKEN
                            + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
                    List.of(400)),
            random -> get("/orders/\u00e9", 400),
            random -> get("/orders/%-d", 400),
            random -> post("/news", "", "x", 401),
            random -> post("/news", "Authorization: Bearer " + rubbish(random, "=.~"), "x", 401),
            random -> publish(
                    "/news?event=" + pick(random, "a%0Ab", "a%0Db", "%00", "crier.gap", "%C2%85"), "", "x", 400),
            random -> publish("/news", "Content-Type: text/plain; charset=" + letters(random), "x", 415),
            random -> publish("/news", "Idempotency-Key: " + "k".repeat(256 + random.nextInt(2000)), "x", 400),
            random -> publish("/news", "Idempotency-Key: a\tb", "x", 400),
            random -> publish("/news", "", "x".repeat(1001 + random.nextInt(50_000)), 413),
            random -> publish("/news", "Content-Type: application/x-ndjson", rubbish(random, "{}[]\":,\n"), 400),
            random -> publish("/news", "Content-Type: application/x-ndjson", "{\"data\":" + "[".repeat(1500), 400),
            random -> publish("/closed", "", "x", 405),
            random -> publish("/nothing/" + letters(random), "", "x", 404));

    private static Attack get(String path, Integer... expected) {
        return head("GET " + path, "X: y", expected);
    }

    private static Attack head(String line, String header, Integer... expected) {
        return new Attack(
                line + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + header + "\r\n\r\n", List.of(expected));
    }

    private static Attack publish(String path, String header, String body, Integer... expected) {
        return post(path, "Authorization: Bearer " + TOKEN + (header.isEmpty() ? "" : "\r\n" + header), body, expected);
    }

    private static Attack post(String path, String header, String body, Integer... expected) {
        String lines = header.isEmpty() ? "" : header + "\r\n";
        return new Attack(
                "POST " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + lines + "Content-Length: "
                        + body.length() + "\r\n\r\n" + body,
                List.of(expected));
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static String letters(Random random) {
        return "z"
                + random.ints(1 + random.nextInt(20), 'a', 'z' + 1)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append);
    }

    /** Returns random text. It begins with a character that is invalid where the text is used, and has no line end. */
    private static String rubbish(Random random, String specials) {
        var text = new StringBuilder().append(specials.charAt(0)).append('!');
        for (int i = random.nextInt(40); i > 0; i--) {
            text.append(
                    random.nextBoolean()
                            ? specials.charAt(random.nextInt(specials.length()))
                            : (char) ('!' + random.nextInt(94)));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aHostileRequestIsRejectedAndASubscriberMissesNothing(long seed) throws Exception {
        var random = new Random(seed);
        assertNothingIsLogged(() -> {
            try (var crier = crier();
                    var subscriber = RawClient.request(crier.port(), "GET /beside")) {
                subscriber.head();
                subscriber.chunk();
                for (int i = 0; i < REQUESTS; i++) {
                    Attack attack = ATTACKS.get(random.nextInt(ATTACKS.size())).apply(random);
                    int status = status(crier, attack);
                    assertTrue(attack.expected().contains(status), () -> status + " for " + shown(attack));
                    crier.publish("/beside", String.valueOf(i));
                    assertTrue(subscriber.chunk().startsWith("data: " + i + "\nid: "));
                }
            }
        });
    }

    /** The client leaves after each part of the request, and before the response. */
    @Test
    void aClientThatLeavesWhilePublishingIsNotLogged() throws Exception {
        String whole = publish("/news", "", "x".repeat(500)).request();
        assertNothingIsLogged(() -> {
            try (var crier = crier()) {
                for (int length = 1; length <= whole.length() + 100; length += 7) {
                    var client = new RawClient(crier.port());
                    client.send(whole.substring(0, Math.min(length, whole.length())));
                    client.reset();
                }
                assertEquals(201, status(crier, publish("/news", "", "x")));
            }
        });
    }

    private static void assertNothingIsLogged(Executable attacks) throws Exception {
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(log);
        try {
            attacks.execute();
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        } finally {
            root.detachAppender(log);
        }
        assertEquals(
                List.of(),
                log.list.stream()
                        .filter(line ->
                                line.getLevel().isGreaterOrEqual(Level.WARN) || line.getThrowableProxy() != null)
                        .map(ILoggingEvent::getFormattedMessage)
                        .toList());
    }

    private static RunningCrier crier() throws Exception {
        var events = new JsonObject().put("keep", new JsonObject().put("events", 10));
        return new RunningCrier(new JsonObject()
                .put(
                        "channels",
                        new JsonObject()
                                .put("/news", events.copy().put("publish", true))
                                .put("/orders/:id", events.copy().put("publish", true))
                                .put("/closed", events)
                                .put("/beside", events))
                .put(
                        "publish",
                        new JsonObject()
                                .put("tokens", new JsonArray().add(TOKEN))
                                .put("maxBytes", 1000)));
    }

    private static int status(RunningCrier crier, Attack attack) throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.send(attack.request());
            List<String> head = client.head();
            int status = Integer.parseInt(head.get(0).split(" ")[1]);
            assertTrue(status < 500 || status == 501, () -> head.get(0) + " for " + shown(attack));
            return status;
        }
    }

    private static String shown(Attack attack) {
        return attack.request().substring(0, Math.min(300, attack.request().length()));
    }
}
