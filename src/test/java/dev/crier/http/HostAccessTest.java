package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.auth.Permission;
import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import dev.crier.metrics.Metrics;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** An application that does not decide holds no request forever. */
class HostAccessTest {

    private static final JsonObject CONF = new JsonObject("""
            {"channels": {"/news": {"publish": true}}}""");

    /** An authorizer whose answers come late, or never. */
    private static final class Undecided implements Authorizer {

        private final Queue<Promise<Boolean>> asked = new ConcurrentLinkedQueue<>();

        @Override
        public Future<Boolean> authorize(RoutingContext ctx, String channel, Permission permission) {
            Promise<Boolean> answer = Promise.promise();
            asked.add(answer);
            return answer.future();
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final Undecided authorizer = new Undecided();
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Logger log = (Logger) LoggerFactory.getLogger("dev.crier");
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent line) {
            lines.add(line.getFormattedMessage());
        }
    };
    private int port;

    @BeforeEach
    void start() throws Exception {
        appender.start();
        log.addAppender(appender);
        var overload = new OverloadResponse(Conf.readEmbedded(CONF, Map.of()), new Random(1), Metrics.NONE);
        var access = new HostAccess(authorizer, overload, Duration.ofMillis(50));
        Router router = Router.router(vertx);
        Problem.mount(router, Metrics.NONE);
        router.route()
                .handler(ctx -> access.admit(
                        ctx,
                        Permission.READ,
                        List.of(new ChannelName("/news"), new ChannelName("/other")),
                        granted -> ctx.end("admitted")));
        port = RunningCrier.await(
                        vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"))
                .actualPort();
    }

    @AfterEach
    void close() throws Exception {
        log.detachAppender(appender);
        RunningCrier.await(vertx.close());
    }

    private String answer(String requestLine) throws Exception {
        try (var client = RawClient.request(port, requestLine, "Connection: close", "Content-Length: 0")) {
            return client.rest();
        }
    }

    @Test
    void aPublisherIsRefusedAndTheAuthorizerIsNamed() throws Exception {
        for (int i = 0; i < 3; i++) {
            String answer = answer("POST /news");
            assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
            assertTrue(answer.contains("retry-after: ") || answer.contains("Retry-After: "), answer);
            assertTrue(answer.contains("The application has not decided in time"), answer);
        }
        assertEquals(
                List.of("POST /news: the authorizer " + Undecided.class.getName()
                        + " has not answered within PT0.05S, so the request was refused (expected: a future that"
                        + " completes)"),
                List.copyOf(lines),
                "one line a minute");
    }

    /** An {@code EventSource} would never come back after a status other than 200. */
    @Test
    void aSubscriberComesBack() throws Exception {
        String answer = answer("GET /news");
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertTrue(answer.contains("retry: ") && answer.contains("The application has not decided in time"), answer);
    }

    @Test
    void anAnswerThatComesTooLateChangesNothing() throws Exception {
        assertTrue(answer("POST /news").startsWith("HTTP/1.1 503 "));
        authorizer.asked.poll().complete(true);
        assertTrue(answer("POST /news").startsWith("HTTP/1.1 503 "));
        assertEquals(1, authorizer.asked.size(), "asked about the first channel of the second request only");
        assertEquals(1, lines.size(), lines::toString);
    }
}
