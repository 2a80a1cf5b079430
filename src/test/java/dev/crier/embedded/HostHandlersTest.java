package dev.crier.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BasicAuthHandler;
import io.vertx.ext.web.handler.CorsHandler;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.ext.web.handler.LoggerFormat;
import io.vertx.ext.web.handler.LoggerHandler;
import io.vertx.ext.web.handler.ResponseTimeHandler;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.handler.TimeoutHandler;
import io.vertx.ext.web.sstore.LocalSessionStore;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An application may have handlers before Crier's routes, after them, and for failures. */
class HostHandlersTest {

    private static final JsonObject NOTHING = new JsonObject();

    @Test
    void aSessionGetsItsCookieWithTheStream() throws Exception {
        try (var host = new Host(router -> router.route()
                .handler(SessionHandler.create(
                                LocalSessionStore.create(Vertx.currentContext().owner()))
                        .setLazySession(false)))) {
            for (String version : List.of("1.1", "1.0")) {
                try (var client = new RawClient(host.port())) {
                    client.send("GET /live/news HTTP/" + version + "\r\nHost: a\r\n\r\n");
                    List<String> head = client.head();
                    assertTrue(
                            client.header(head, "Set-Cookie").orElse("").startsWith("vertx-web.session="),
                            version + head);
                    client.readThrough("crier.start");
                    host.assertDelivers(client, version);
                }
            }
            assertTrue(host.answer("POST /live/news", "in a session").startsWith("HTTP/1.1 201 "));
        }
    }

    @Test
    void theLogLineOfAStreamIsWrittenAtItsEnd() throws Exception {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        var logger = LoggerHandler.create(LoggerFormat.CUSTOM).customFormatter((ctx, millis) -> {
            lines.add(ctx.request().path() + " " + ctx.response().getStatusCode() + " "
                    + ctx.request().getHeader("User-Agent"));
            return "";
        });
        try (var host = new Host(router -> router.route().handler(logger))) {
            try (var client = host.subscribe("User-Agent: test")) {
                host.assertDelivers(client, "one");
                assertTrue(lines.isEmpty(), lines::toString);
            }
            Eventually.until("the line", () -> !lines.isEmpty());
            assertEquals(List.of("/live/news 200 test"), List.copyOf(lines));
        }
    }

    @Test
    void theApplicationsHandlersOfTheEndRun() throws Exception {
        Queue<String> run = new ConcurrentLinkedQueue<>();
        try (var host = new Host(router -> router.route().handler(ctx -> {
            ctx.addHeadersEndHandler(head -> {
                ctx.response().putHeader("X-Host", "yes");
                run.add("head");
            });
            ctx.addBodyEndHandler(body -> run.add("body"));
            ctx.addEndHandler(ended -> run.add("end"));
            ctx.next();
        }))) {
            assertTrue(host.answer("POST /live/news", "one").startsWith("HTTP/1.1 201 "));
            Eventually.until("the end", () -> run.contains("end"));
            assertEquals(List.of("head", "body", "end"), List.copyOf(run));
            run.clear();
            try (var client = RawClient.request(host.port(), "GET /live/news")) {
                assertEquals("yes", client.header(client.head(), "X-Host").orElse(""));
                client.readThrough("crier.start");
            }
            Eventually.until("the end of the stream", () -> run.contains("end"));
            assertEquals(List.of("head", "end"), List.copyOf(run), "the client has left, so the body has no end");
        }
    }

    @Test
    void theApplicationsHeadersStay() throws Exception {
        var cors = CorsHandler.create()
                .addOrigin("https://shop.example")
                .allowCredentials(true)
                .allowedHeader("Last-Event-ID");
        try (var host = new Host(router -> {
            router.route().handler(ResponseTimeHandler.create());
            router.route().handler(cors);
        })) {
            try (var client = RawClient.request(host.port(), "GET /live/news", "Origin: https://shop.example")) {
                List<String> head = client.head();
                assertEquals("HTTP/1.1 200 OK", head.get(0));
                assertEquals(
                        List.of("https://shop.example"),
                        head.stream()
                                .filter(line -> line.toLowerCase().startsWith("access-control-allow-origin: "))
                                .map(line -> line.substring(29))
                                .toList());
                assertTrue(client.header(head, "x-response-time").isPresent(), head::toString);
                client.readThrough("crier.start");
            }
            String preflight = host.answer(
                    "OPTIONS /live/news",
                    "",
                    "Origin: https://shop.example",
                    "Access-Control-Request-Method: GET",
                    "Access-Control-Request-Headers: last-event-id");
            assertTrue(preflight.startsWith("HTTP/1.1 204 "), preflight);
            assertTrue(preflight.contains("access-control-allow-headers: Last-Event-ID"), preflight);
            assertTrue(host.answer("GET /live/news", "", "Origin: https://evil.example")
                    .startsWith("HTTP/1.1 403 "));
        }
    }

    @Test
    void aTimeoutHandlerDoesNotCutAStream() throws Exception {
        Queue<Integer> failures = new ConcurrentLinkedQueue<>();
        try (var host = new Host(router -> {
            router.route().handler(TimeoutHandler.create(50, 504));
            router.route().handler(ctx -> {
                ctx.vertx().setTimer(100, late -> failures.add(ctx.statusCode()));
                ctx.next();
            });
        })) {
            try (var client = host.subscribe()) {
                Eventually.until("the timeout", () -> failures.contains(504));
                host.assertDelivers(client, "after the timeout");
            }
        }
    }

    /** Otherwise the client's next request on the connection would never be answered. */
    @Test
    void aStreamThatTheApplicationEndsClosesItsConnection() throws Exception {
        try (var host = new Host(router -> router.route().handler(ctx -> {
            ctx.vertx().setTimer(100, late -> ctx.response().end());
            ctx.next();
        }))) {
            try (var client = RawClient.request(host.port(), "GET /live/news")) {
                assertTrue(client.rest().endsWith("\r\n0\r\n\r\n"));
            }
            host.publish("nobody is left");
        }
    }

    @Test
    void crierAnswersItsFailuresItself() throws Exception {
        try (var host = new Host(router -> router.errorHandler(400, ctx -> ctx.end("an error page")))) {
            String answer = host.answer("GET /live/news?lastEventId=x", "");
            assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
            assertTrue(answer.contains("content-type: application/problem+json"), answer);
            assertTrue(answer.contains("\"detail\":\"lastEventId: not a position"), answer);
        }
    }

    @Test
    void aFailureHandlerOfTheApplicationComesFirst() throws Exception {
        try (var host = new Host(router -> router.route()
                .failureHandler(
                        ctx -> ctx.response().setStatusCode(ctx.statusCode()).end("a failure page")))) {
            String answer = host.answer("GET /live/news?lastEventId=x", "");
            assertTrue(answer.startsWith("HTTP/1.1 400 ") && answer.endsWith("a failure page"), answer);
        }
    }

    @Test
    void whatCrierDoesNotKnowIsTheApplications() throws Exception {
        Consumer<Router> after = router -> {
            router.get("/live/page").handler(ctx -> ctx.end("a page"));
            router.errorHandler(404, ctx -> ctx.response().setStatusCode(404).end("not here"));
        };
        try (var host = new Host(new HttpServerOptions(), NOTHING, router -> {}, after, Host.ALL)) {
            assertTrue(host.answer("GET /live/page", "").endsWith("a page"));
            for (String path : List.of("/live/none", "/live/", "/live", "/none", "/news")) {
                String answer = host.answer("GET " + path, "");
                assertTrue(answer.startsWith("HTTP/1.1 404 ") && answer.endsWith("not here"), path + answer);
            }
        }
    }

    /** An application that mounts Crier at its root has pages there, too. */
    @Test
    void theApplicationsRoutesWorkBeforeTheStartAndAfterTheClose() throws Exception {
        try (var host = new Host(
                new HttpServerOptions(),
                NOTHING,
                router -> {},
                router -> router.get("/live/hello").handler(ctx -> ctx.end("Hello")),
                Host.ALL)) {
            RunningCrier.await(host.crier.close());
            assertTrue(host.answer("GET /live/hello", "").endsWith("Hello"));
            assertTrue(host.answer("GET /live/subscribe?channel=/news", "", "Accept: text/event-stream")
                    .contains("Crier has not been started, or is closed"));
        }
    }

    @Test
    void anAuthorizerFailsARequestWithAStatus() throws Exception {
        try (var host =
                new Host(new HttpServerOptions(), NOTHING, router -> {}, router -> {}, (ctx, channel, permission) -> {
                    switch (String.valueOf(ctx.request().getParam("how"))) {
                        case "failed":
                            return Future.failedFuture(new HttpException(401));
                        case "thrown":
                            throw new HttpException(402);
                        case "null":
                            return null;
                        case "fail":
                            ctx.fail(418);
                            return Future.succeededFuture(false);
                        default:
                            return Future.succeededFuture(null);
                    }
                })) {
            assertTrue(host.answer("GET /live/news?how=failed", "").startsWith("HTTP/1.1 401 "));
            assertTrue(host.answer("GET /live/news?how=thrown", "").startsWith("HTTP/1.1 402 "));
            assertTrue(host.answer("GET /live/news?how=fail", "").startsWith("HTTP/1.1 418 "));
            assertTrue(host.answer("GET /live/news?how=null", "").startsWith("HTTP/1.1 500 "));
            assertTrue(host.answer("GET /live/news", "").startsWith("HTTP/1.1 500 "));
        }
    }

    private static String channels(int number) {
        return IntStream.range(0, number)
                .mapToObj(order -> "channel=/orders/" + order)
                .collect(Collectors.joining("&"));
    }

    @Test
    void anAuthorizerIsAskedAboutThousandsOfChannels() throws Exception {
        var conf = new JsonObject("{\"limits\": {\"channelsPerSubscriber\": 10000}}");
        try (var host = new Host(
                new HttpServerOptions(),
                conf,
                router -> {},
                router -> {},
                (ctx, channel, permission) -> Future.succeededFuture(!channel.equals("/orders/9999")))) {
            String answer = host.answer(
                    "POST /live/subscribe", channels(10_000), "Content-Type: application/x-www-form-urlencoded");
            assertTrue(answer.startsWith("HTTP/1.1 403 ") && answer.contains("/orders/9999"), answer);
        }
    }

    @Test
    void anAuthorizerThatAnswersOnAnotherThreadIsAskedOnTheEventLoop() throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        try (var host =
                new Host(new HttpServerOptions(), NOTHING, router -> {}, router -> {}, (ctx, channel, permission) -> {
                    threads.add(Thread.currentThread());
                    Promise<Boolean> answer = Promise.promise();
                    new Thread(() -> answer.complete(!channel.equals("/orders/2"))).start();
                    return answer.future();
                })) {
            String answer = host.answer("GET /live/subscribe?" + channels(3), "");
            assertTrue(answer.startsWith("HTTP/1.1 403 ") && answer.contains("/orders/2"), answer);
            assertEquals(1, threads.size(), threads::toString);
        }
    }

    @Test
    void theApplicationsUserIsKnownToTheAuthorizer() throws Exception {
        var basic = BasicAuthHandler.create(credentials ->
                Future.succeededFuture(User.fromName(credentials.toJson().getString("username"))));
        try (var host = new Host(
                new HttpServerOptions(),
                NOTHING,
                router -> router.route("/live/*").handler(basic),
                router -> {},
                (ctx, channel, permission) ->
                        Future.succeededFuture("ada".equals(ctx.user().subject())))) {
            String refused = host.answer("GET /live/news", "");
            assertTrue(refused.startsWith("HTTP/1.1 401 ") && refused.contains("WWW-Authenticate: Basic"), refused);
            assertTrue(host.answer("GET /live/news", "", "Authorization: Basic Ym9iOmI=")
                    .startsWith("HTTP/1.1 403 "));
            try (var client = host.subscribe("Authorization: Basic YWRhOmE=")) {
                host.assertDelivers(client, "for Ada");
            }
            assertFalse(host.answer("POST /live/news", "x", "Authorization: Basic YWRhOmE=")
                    .startsWith("HTTP/1.1 4"));
        }
    }
}
