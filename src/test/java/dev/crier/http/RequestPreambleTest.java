package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.Pem;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The headers of every response and the checks of every request, whatever the route. */
class RequestPreambleTest {

    private static final String TOKEN = "a-token-of-the-tests";

    private static JsonObject conf() {
        var news =
                new JsonObject().put("keep", new JsonObject().put("events", 10)).put("publish", true);
        return new JsonObject()
                .put("http", new JsonObject().put("h2c", true))
                .put("channels", new JsonObject().put("/news", news))
                .put("management", new JsonObject().put("port", 0))
                .put(
                        "publish",
                        new JsonObject()
                                .put("tokens", new JsonArray().add(TOKEN))
                                .put("maxBytes", 100));
    }

    private static void assertDate(String date, String of) {
        assertNotNull(date, () -> of + " has no Date");
        assertTrue(
                date.matches("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT"),
                date);
        Instant parsed =
                ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        assertTrue(Duration.between(parsed, Instant.now()).abs().toMinutes() < 1, date);
    }

    @Test
    void everyResponseOverHttp1HasADate() throws Exception {
        String post = "POST /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ";
        String head = " HTTP/1.1\r\nHost: a\r\n\r\n";
        try (var crier = new RunningCrier(conf())) {
            for (int port : new int[] {crier.port(), crier.managementPort()}) {
                for (String request : List.of(
                        "GET /" + head,
                        "GET /news" + head,
                        "HEAD /news" + head,
                        "GET /nothing" + head,
                        "GET /%zz" + head,
                        "PUT /news" + head,
                        "OPTIONS *" + head,
                        "GET /news HTTP/1.0\r\n\r\n",
                        "GET /news HTTP/1.1\r\n\r\n",
                        "GET /" + "x".repeat(20_000) + head,
                        "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(20_000) + "\r\n\r\n",
                        post + "wrong\r\nContent-Length: 1\r\n\r\nx",
                        post + TOKEN + "\r\nContent-Length: 1\r\n\r\nx",
                        post + TOKEN + "\r\nContent-Length: 101\r\n\r\n" + "x".repeat(101),
                        post + TOKEN + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                        "GET /health/live" + head,
                        "GET /health/ready" + head,
                        "GET /metrics" + head,
                        "\0\r\n\r\n")) {
                    try (var client = new RawClient(port)) {
                        client.send(request);
                        assertDate(client.header(client.head(), "Date").orElse(null), request);
                    }
                }
            }
        }
    }

    private static HttpClient http2(RunningCrier crier) {
        return crier.vertx()
                .createHttpClient(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false));
    }

    private static HttpClientResponse ask(HttpClient client, int port, HttpMethod method, String uri, String header)
            throws Exception {
        var options = new RequestOptions()
                .setMethod(method)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI(uri);
        return RunningCrier.await(client.request(options)
                .compose(request -> request.putHeader("x", header).send()));
    }

    @Test
    void theLimitsOfTheHeadApplyToHttp2AndTheConnectionStaysOpen() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            HttpClient client = http2(crier);
            int port = crier.port();
            var text = new StringBuffer();
            HttpClientResponse stream = ask(client, port, HttpMethod.GET, "/news", "");
            stream.handler(bytes -> text.append(bytes.toString()));
            record Case(String uri, int headerBytes, int status) {}
            String long4096 = "/" + "x".repeat(4095);
            for (var each : List.of(
                    new Case("/nothing", 0, 404),
                    new Case("/nothing?" + "x".repeat(4087), 0, 404),
                    new Case("/nothing?" + "x".repeat(4088), 0, 414),
                    new Case(long4096 + "x", 0, 414),
                    new Case("/news?" + "x".repeat(12_000), 0, 414),
                    new Case("/nothing", 8_000, 404),
                    new Case("/nothing", 8_192, 431),
                    new Case("/nothing", 20_000, 431),
                    new Case("/nothing?" + "x".repeat(4087), 8_000, 404))) {
                HttpClientResponse answer =
                        ask(client, port, HttpMethod.GET, each.uri(), "x".repeat(each.headerBytes()));
                assertEquals(
                        each.status(), answer.statusCode(), () -> each.uri().length() + ", " + each.headerBytes());
                assertDate(answer.getHeader("date"), each.uri());
                assertSame(stream.request().connection(), answer.request().connection());
            }
            assertDate(stream.getHeader("date"), "the stream");
            String id = crier.publish("/news", "still here");
            Eventually.until(text::toString, () -> text.indexOf(id) >= 0);
        }
    }

    @Test
    void anInvalidPathOverHttp2IsABadRequest() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            HttpClient client = http2(crier);
            for (String uri : List.of("/news#x", "*")) {
                assertEquals(
                        400, ask(client, crier.port(), HttpMethod.GET, uri, "").statusCode());
            }
        }
    }

    @Test
    void strictTransportSecurityIsSentIfConfigured(@TempDir Path folder) throws Exception {
        JsonObject tls = Pem.in(folder).write(Pem.certificate("a")).conf();
        for (String hsts : List.of("PT0S", "PT24H")) {
            JsonObject conf = conf().mergeIn(tls.copy());
            conf.getJsonObject("tls").put("hsts", hsts);
            try (var crier = new RunningCrier(conf)) {
                for (boolean http2 : new boolean[] {false, true}) {
                    HttpClient client = crier.vertx()
                            .createHttpClient(new HttpClientOptions()
                                    .setSsl(true)
                                    .setTrustAll(true)
                                    .setVerifyHost(false)
                                    .setUseAlpn(true)
                                    .setProtocolVersion(http2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1));
                    for (String uri : List.of("/", "/news", "/nothing", "/" + "x".repeat(5000))) {
                        HttpClientResponse answer = ask(client, crier.port(), HttpMethod.GET, uri, "");
                        String header = answer.getHeader("Strict-Transport-Security");
                        if (hsts.equals("PT0S")) {
                            assertNull(header);
                        } else {
                            assertEquals("max-age=86400", header);
                        }
                    }
                }
            }
        }
    }
}
