package dev.crier.transport.strict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threat: a proxy and Crier disagree about where a request ends, so that the body of one is run as another (request
 * smuggling). An ambiguous request is refused, and nothing after it on its connection is run.
 */
class StrictHttpHandlerTest {

    private static final String TOKEN = "a-token-of-the-tests";

    private static RunningCrier crier;

    @BeforeAll
    static void start() throws Exception {
        crier = new RunningCrier(new JsonObject()
                .put(
                        "channels",
                        new JsonObject()
                                .put(
                                        "/news",
                                        new JsonObject()
                                                .put("keep", new JsonObject().put("events", 1000))
                                                .put("publish", true)))
                .put("management", new JsonObject().put("port", 0))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN))));
    }

    @AfterAll
    static void stop() throws Exception {
        crier.close();
    }

    private static String publishing(String text) {
        return "POST /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TOKEN + "\r\nContent-Length: "
                + text.length() + "\r\n\r\n" + text;
    }

    private static String chunked(String headers) {
        return "POST /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TOKEN + "\r\n" + headers + "\r\n\r\n";
    }

    static Stream<String> ambiguous() {
        return Stream.of(
                        "Transfer-Encoding: xchunked",
                        "Transfer-Encoding: chunkedx",
                        "Transfer-Encoding: identity",
                        "Transfer-Encoding: gzip",
                        "Transfer-Encoding:",
                        "Transfer-Encoding: ,",
                        "Transfer-Encoding: chunked,",
                        "Transfer-Encoding: ,chunked",
                        "Transfer-Encoding: chunked, chunked",
                        "Transfer-Encoding: chunked, identity",
                        "Transfer-Encoding: identity, chunked",
                        "Transfer-Encoding: gzip, chunked",
                        "Transfer-Encoding: xchunked, chunked",
                        "Transfer-Encoding: chunked, gzip",
                        "Transfer-Encoding: chunked;x",
                        "Transfer-Encoding: chunked;q=1",
                        "Transfer-Encoding: \"chunked\"",
                        "Transfer-Encoding: chunked x",
                        "Transfer-Encoding: x chunked",
                        "Transfer-Encoding: \u000bchunked",
                        "Transfer-Encoding: chunked\u000b",
                        "Transfer-Encoding: \u00a0chunked",
                        "Transfer-Encoding: chun\u212aed",
                        "Transfer-Encoding\u00a0: chunked",
                        "Transfer-Encoding : chunked",
                        "Transfer-Encoding\t: chunked",
                        "Transfer-Encoding:\r\n chunked",
                        "Transfer-Encoding: chunked\r\n\tx",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
                        "Transfer-Encoding: x\r\nTransfer-Encoding: y",
                        "Transfer-Encoding: chunked\r\nContent-Length: 3",
                        "Content-Length: 3\r\nTransfer-Encoding: chunked",
                        "Content-Length: 0\r\nTransfer-Encoding: chunked",
                        "Content-Length: 3\r\nTransfer-Encoding: xchunked",
                        "Content-Length: +5",
                        "Content-Length: -5",
                        "Content-Length: -0",
                        "Content-Length: 5,5",
                        "Content-Length: 5, 6",
                        "Content-Length: 5 5",
                        "Content-Length: 0x5",
                        "Content-Length: 5.0",
                        "Content-Length: 5e0",
                        "Content-Length: \"5\"",
                        "Content-Length:",
                        "Content-Length: \u0665",
                        "Content-Length: 99999999999999999999",
                        "Content-Length: 9223372036854775808",
                        "Content-Length: 5\r\nContent-Length: 5",
                        "Content-Length: 5\r\nContent-Length: 6",
                        "Content-Length: 6\r\nContent-Length: 5",
                        "Content-Length : 5",
                        "Content-Length\t: 5",
                        "Content-Length: 5\r\n 5",
                        "Content-Length:\r\n 5",
                        "X: a\u0000b",
                        "X: a\rb",
                        "X: a\r\r\nY: b",
                        "X: a\nY: b",
                        "X: a\u0001b",
                        "X: a\u007fb",
                        "X y: b",
                        "X\u0000: b",
                        "X(: b",
                        "X\"y: b",
                        ": b",
                        "X",
                        "Host: b",
                        "Host: a",
                        "host: a")
                .map(StrictHttpHandlerTest::chunked);
    }

    static Stream<String> malformed() {
        String rest = "\r\nAuthorization: Bearer " + TOKEN + "\r\nContent-Length: 0\r\n\r\n";
        return Stream.concat(
                Stream.of(
                                "a b", "a, b", "a/b", "a@b", "a:b", "a:1:2", "[::1", "::1", "[a b]", "a?b", "a#b",
                                "a\\b", "<a>", "\u00e4", "a%zz")
                        .map(host -> "POST /news HTTP/1.1\r\nHost: " + host + rest),
                Stream.of(
                        "POST /news HTTP/1.1\r\nX: y" + rest,
                        "POST /news HTTP/1.1 \r\nHost: a" + rest,
                        "POST /news x HTTP/1.1\r\nHost: a" + rest,
                        "POST /news HTTP/1.1\nHost: a" + rest,
                        "POST /news HTTP/1.1\r\nHost: a\n\n" + rest,
                        "POST /news HTTP/1.2\r\nHost: a" + rest,
                        "POST /news HTTP/2.0\r\nHost: a" + rest,
                        "POST /news HTTP/0.9\r\nHost: a" + rest,
                        "POST /news http/1.1\r\nHost: a" + rest,
                        "POST /news HTTP/01.1\r\nHost: a" + rest,
                        "POST /news HTTP/1.10\r\nHost: a" + rest,
                        "POST /news HTTP/1.1x\r\nHost: a" + rest,
                        "POST /news XTTP/1.1\r\nHost: a" + rest,
                        "POST /news\r\nHost: a" + rest,
                        "POST news HTTP/1.1\r\nHost: a" + rest,
                        "POST * HTTP/1.1\r\nHost: a" + rest,
                        "POST ?x HTTP/1.1\r\nHost: a" + rest,
                        "POST http:/news HTTP/1.1\r\nHost: a" + rest,
                        "POST http:///news HTTP/1.1\r\nHost: a" + rest,
                        "POST ftp://a/news HTTP/1.1\r\nHost: a" + rest,
                        "POST /news#x HTTP/1.1\r\nHost: a" + rest,
                        "POST /n\u0000ews HTTP/1.1\r\nHost: a" + rest,
                        "P(ST /news HTTP/1.1\r\nHost: a" + rest,
                        "CONNECT a:80 HTTP/1.1\r\nHost: a" + rest,
                        "POST /news HTTP/1.0\r\nTransfer-Encoding: chunked" + rest,
                        "POST /news HTTP/1.0\r\nHost: a\r\nHost: b" + rest));
    }

    @ParameterizedTest
    @MethodSource({"ambiguous", "malformed"})
    void aMalformedRequestIsRejectedAndNothingAfterItIsHandled(String head) throws Exception {
        for (boolean together : new boolean[] {true, false}) {
            try (var client = new RawClient(crier.port())) {
                client.sendBytes(together ? head + publishing("smuggled") : head);
                String answer = client.rest();
                assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
                assertTrue(answer.toLowerCase().contains("\r\nconnection: close\r\n"), answer);
                assertEquals(1, answers(answer), answer);
            }
        }
        assertNothingWasPublished();
    }

    @ParameterizedTest
    @MethodSource({"ambiguous", "malformed"})
    void theManagementListenerRejectsAMalformedRequest(String head) throws Exception {
        try (var client = new RawClient(crier.managementPort())) {
            client.sendBytes(head + "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
            String answer = client.rest();
            assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
            assertEquals(1, answers(answer), answer);
        }
    }

    private static int answers(String all) {
        return all.split("HTTP/1\\.[01] \\d\\d\\d ", -1).length - 1;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x5\r\nhello\r\n0\r\n\r\n",
                "+5\r\nhello\r\n0\r\n\r\n",
                "-5\r\nhello\r\n0\r\n\r\n",
                " 5\r\nhello\r\n0\r\n\r\n",
                "5 \r\nhello\r\n0\r\n\r\n",
                "\r\nhello\r\n0\r\n\r\n",
                ";x\r\nhello\r\n0\r\n\r\n",
                "5\nhello\r\n0\r\n\r\n",
                "5;x\n\r\nhello\r\n0\r\n\r\n",
                "5\r\nhello\n0\r\n\r\n",
                "5\r\nhelloworld\r\n0\r\n\r\n",
                "5\r\nhel\r\n0\r\n\r\n",
                "5\r\nhello0\r\n\r\n",
                "100000005\r\nhello\r\n0\r\n\r\n",
                "ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
                "5\r\nhello\r\n0\r\nX\r\n\r\n"
            })
    void aMalformedChunkIsRejectedAndNothingAfterItIsHandled(String body) throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.sendBytes(chunked("Transfer-Encoding: chunked") + body + publishing("smuggled"));
            String answer = client.rest();
            assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
            assertEquals(1, answers(answer), answer);
        }
        assertNothingWasPublished();
    }

    @Test
    void requestsBeforeAMalformedOneAreAnswered() throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.sendBytes(publishing("first")
                    + publishing("second")
                    + chunked("Transfer-Encoding: gzip, chunked")
                    + publishing("smuggled"));
            String answer = client.rest();
            assertEquals(3, answers(answer), answer);
            assertTrue(answer.startsWith("HTTP/1.1 201 Created\r\n"), answer);
            assertTrue(
                    answer.contains("\r\n\r\n{\"title\":\"Bad Request\",\"status\":400,\"detail\":\"Transfer-Encoding"),
                    answer);
        }
        assertNothingWasPublished();
    }

    /** An old draft of WebSockets sent eight bytes after such a request, and Netty still reads them as its body. */
    @Test
    void aWebSocketHandshakeOfAnOldDraftIsRejected() throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.sendBytes(
                    "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key1: x\r\nSec-WebSocket-Key2: y\r\n\r\n12345678"
                            + publishing("smuggled"));
            String answer = client.rest();
            assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
            assertEquals(1, answers(answer), answer);
        }
        assertNothingWasPublished();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /news HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n",
                "POST /news HTTP/1.1\r\nHost:\r\nTransfer-Encoding:\tchunked \r\n",
                "POST /news HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\n",
                "POST /news HTTP/1.1\r\nHost: a_b.example.:3000\r\nTransfer-Encoding: chunked\r\n",
                "POST http://a:80/news HTTP/1.1\r\nHost: a:80\r\nTransfer-Encoding: chunked\r\n",
                "\r\nPOST /news HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
                "POST /news HTTP/1.0\r\nContent-Length: 18\r\n"
            })
    void aRequestThatTheStandardAllowsIsAccepted(String head) throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.sendBytes(
                    head + "Authorization: Bearer " + TOKEN + "\r\n\r\n" + "7;a=\"b\"\r\nallowed\r\n0\r\nX: y\r\n\r\n");
            List<String> answer = client.head();
            assertTrue(answer.get(0).endsWith(" 201 Created"), answer.toString());
        }
    }

    private static void assertNothingWasPublished() throws Exception {
        String id = crier.publish("/news", "end");
        try (var client = RawClient.request(crier.port(), "GET /news?lastEventId=earliest")) {
            client.head();
            String stream = "";
            while (!stream.contains(id)) {
                stream += client.chunk();
            }
            assertTrue(!stream.contains("smuggled"), stream);
        }
    }
}
