package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.read.ListAppender;
import ch.qos.logback.core.spi.FilterReply;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Threat: a token, a cookie or published data appears in the log, at any level. */
class LogSecretsTest {

    private static final String STATIC = "static-token-marker-1";
    private static final SigningKey KEY = SigningKey.secret("secret-marker-2 and so on, more than 32 bytes");

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level before = root.getLevel();
    private final ListAppender<ILoggingEvent> all = new ListAppender<>();

    /** Captures all levels. The console still gets no line below INFO. */
    @BeforeEach
    void captureLog() {
        all.start();
        root.addAppender(all);
        root.iteratorForAppenders().forEachRemaining(appender -> {
            if (appender != all) {
                appender.clearAllFilters();
                appender.addFilter(new Filter<>() {
                    @Override
                    public FilterReply decide(ILoggingEvent event) {
                        return event.getLevel().isGreaterOrEqual(Level.INFO) ? FilterReply.NEUTRAL : FilterReply.DENY;
                    }
                });
            }
        });
        root.setLevel(Level.TRACE);
    }

    @AfterEach
    void restore() {
        root.setLevel(before);
        root.iteratorForAppenders().forEachRemaining(appender -> appender.clearAllFilters());
        root.detachAppender(all);
    }

    private static void ask(int port, String requestLine, String... headers) throws Exception {
        try (var client = RawClient.request(port, requestLine, headers)) {
            client.head();
        }
    }

    private static String jwt(String pattern) throws Exception {
        return KEY.sign(new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000 + 600)
                .put("sub", "subject-marker-3")
                .put(
                        "crier",
                        new JsonObject()
                                .put("read", new JsonArray().add(pattern))
                                .put("publish", new JsonArray().add(pattern))));
    }

    @Test
    void noLogLineHasASecret() throws Exception {
        var channel = new JsonObject()
                .put("read", "token")
                .put("publish", true)
                .put("keep", new JsonObject().put("events", 10));
        var conf = new JsonObject()
                .put("channels", new JsonObject().put("/news", channel))
                .put("read", new JsonObject().put("tokens", new JsonArray().add(STATIC)))
                .put("jwt", new JsonObject().put("secrets", new JsonArray().add(KEY.text())));
        String good = jwt("/news");
        String lacking = jwt("/other");
        String forged = good.substring(0, good.length() - 6) + "AAAAAA";
        try (var crier = new RunningCrier(conf)) {
            int port = crier.port();
            for (String token : List.of(STATIC, "x" + STATIC, good, lacking, forged, "." + good, good + "\0")) {
                for (String method : List.of("GET", "POST", "DELETE")) {
                    ask(port, method + " /news", "Authorization: Bearer " + token, "Content-Length: 0");
                    ask(port, method + " /news", "Cookie: crier_token=" + token, "Content-Length: 0");
                    ask(port, method + " /news", "Authorization: " + token, "Content-Length: 0");
                    ask(port, method + " /news", "Authorization " + token, "Content-Length: 0");
                }
            }
            ask(port, "POST /news", "Authorization: Bearer " + good, "Content-Length: 13\r\n\r\ndata-marker-4");
            ask(port, "POST /news", "Authorization: Bearer " + good, "Content-Length: 15\r\n\r\ndata-marker-4\0\1");
            ask(
                    port,
                    "POST /news",
                    "Authorization: Bearer " + good,
                    "Content-Type: application/x-ndjson",
                    "Content-Length: 13\r\n\r\ndata-marker-4");
            ask(port, "GET /news?lastEventId=earliest", "Authorization: Bearer " + good);
            for (String token : List.of(STATIC, good, lacking, forged)) {
                ask(port, "GET /events?channel=/news", "Authorization: Bearer " + token);
                for (String form : List.of(
                        "channel=/news&x=form-marker-6", "channel=/form-marker-6x%2", "channel=/f%00rm-marker6x")) {
                    ask(
                            port,
                            "POST /events",
                            "Authorization: Bearer " + token,
                            "Content-Type: application/x-www-form-urlencoded",
                            "Content-Length: " + form.length() + "\r\n\r\n" + form);
                }
            }
        }
        String lines = List.copyOf(all.list).stream()
                .map(event -> event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : ThrowableProxyUtil.asString(event.getThrowableProxy())))
                .collect(Collectors.joining("\n"));
        assertTrue(lines.contains("An invalid request from "), "the debug level is not captured");
        String payload = good.split("\\.")[1];
        String signature = good.split("\\.")[2];
        for (String secret : List.of("marker", payload, signature, lacking.split("\\.")[2])) {
            assertEquals(
                    List.of(),
                    lines.lines().filter(line -> line.contains(secret)).toList(),
                    secret);
        }
    }
}
