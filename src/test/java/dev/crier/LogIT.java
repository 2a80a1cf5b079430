package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log lines are about Crier. They contain no mistakes of clients by default, and never a secret. */
class LogIT {

    private static final String TOKEN = "a-token-of-the-tests";

    /** Part of every header, query and body that must not be logged, in valid and in malformed requests. */
    private static final String SECRET = "a5ecret";

    /** How often a client sends a request and resets the connection. Each reset arrives at another moment. */
    private static final int RESETS = 20;

    private static final String HEAD = "Host: a\r\nAuthorization: Bearer " + TOKEN + "\r\nCookie: " + SECRET + "\r\n";

    @TempDir
    private Path folder;

    private CrierProcess crier(String console) throws IOException {
        return CrierProcess.start(folder, "-conf", """
                {
                  "port": 0,
                  "console": %s,
                  "publish": {"tokens": ["%s"]},
                  "channels": {"/news": {"keep": {"events": 1000}, "publish": true}}
                }""".formatted(console, TOKEN));
    }

    private static String get(String target, String... headers) {
        return "GET " + target + " HTTP/1.1\r\n" + HEAD + String.join("", headers) + "\r\n";
    }

    private static String post(String headers, String body) {
        return "POST /news HTTP/1.1\r\n" + HEAD + headers + "\r\n" + body;
    }

    private static final List<String> MISTAKES = List.of(
            "\0\1\2 " + SECRET + "\r\n\r\n",
            "\u0016\u0003\u0001 as TLS begins " + SECRET,
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SECRET,
            "GET /news " + SECRET + "/9\r\n\r\n",
            "GET /news HTTP/1.1\r\nCookie: " + SECRET + "\r\n\r\n",
            "GET /news HTTP/1.1\r\nHost: a " + SECRET + "\r\n\r\n",
            "GET /news HTTP/1.1\r\nHost: a:" + SECRET + "\r\n\r\n",
            "GET /news HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer " + SECRET + "\r\n\r\n",
            "GET /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \0" + SECRET + "\r\n\r\n",
            "GET /news HTTP/1.1\r\nHost: a\nAuthorization: Bearer " + SECRET + "\n\n",
            "GET /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + SECRET,
            "POST /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer wrong-" + SECRET + "\r\nContent-Length: 0\r\n\r\n",
            get("/"),
            get("/news?lastEventId=" + SECRET),
            get("/news?lastEventId=%" + SECRET),
            get("/?" + SECRET.repeat(1000)),
            get("/news", "Last-Event-ID: " + SECRET + "\r\n"),
            get("/news", "Origin: " + SECRET + "\r\n"),
            get("/news", "Accept: " + SECRET + ";q=\r\n"),
            get("/news", "X: " + SECRET.repeat(2000) + "\r\n"),
            get("/news", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + SECRET + "\r\n"),
            get("/", "Range: bytes=" + SECRET + "\r\n"),
            get("/", "If-Modified-Since: " + SECRET + "\r\n"),
            post("Content-Length: " + SECRET + "\r\n", SECRET),
            post("Content-Length: 7\r\nContent-Length: 8\r\n", SECRET),
            post("Content-Length: 100\r\n", SECRET),
            post("Content-Length: 99999999\r\n", SECRET),
            post("Content-Length: 7\r\nContent-Type: " + SECRET + ";;\r\n", SECRET),
            post("Content-Length: 7\r\nContent-Encoding: " + SECRET + "\r\n", SECRET),
            post("Content-Length: 7\r\nIdempotency-Key: a\t" + SECRET + "\r\n", SECRET),
            post("Content-Length: 7\r\nExpect: " + SECRET + "\r\n", SECRET),
            post("Content-Length: 9\r\nContent-Type: application/x-ndjson\r\n", "{\"" + SECRET),
            post("Content-Length: 7\r\n", SECRET),
            post("Transfer-Encoding: chunked\r\n", SECRET + "\r\n\r\n"));

    /** Sends each mistake from a client that reads the response, and from clients that reset the connection. */
    private static void makeMistakes(int port) throws Exception {
        for (String mistake : MISTAKES) {
            try (var client = new RawClient(port)) {
                client.send(mistake + "\r\n\r\n");
                if (mistake.endsWith("\r\n\r\n")) {
                    client.read(1);
                }
            }
            for (int i = 0; i < RESETS; i++) {
                var client = new RawClient(port);
                client.send(mistake);
                client.reset();
            }
        }
        resetAStalledStream(port);
    }

    /** Subscribes, reads nothing of 6 MB of events, and resets the connection. */
    private static void resetAStalledStream(int port) throws Exception {
        var subscriber = RawClient.slow(port);
        subscriber.send(get("/news"));
        subscriber.head();
        for (int i = 0; i < 100; i++) {
            try (var publisher = new RawClient(port)) {
                publisher.send(post("Content-Length: 63000\r\n", SECRET.repeat(9000)));
                assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
            }
        }
        subscriber.reset();
    }

    @Test
    void mistakesOfClientsAreNotLogged() throws Exception {
        try (var crier = crier("{}")) {
            int port = crier.port();
            makeMistakes(port);
            crier.terminate();
            assertEquals(0, crier.exitStatus());
            List<String> lines = crier.lines();
            assertEquals(3, lines.size(), crier.output());
            assertEquals("INFO  Crier is ready: http://localhost:" + port + "/", lines.get(0));
            assertTrue(lines.get(1).matches("INFO  Crier is stopping: it ends \\d+ streams within PT5S"), lines.get(1));
            assertEquals("INFO  Crier has stopped", lines.get(2));
        }
    }

    /** Includes the log lines of the libraries. */
    @Test
    void atTheDebugLevelNoTokenCookieOrEventIsLogged() throws Exception {
        try (var crier = crier("{\"level\": \"debug\", \"access\": true}")) {
            makeMistakes(crier.port());
            crier.terminate();
            assertEquals(0, crier.exitStatus());
            String output = crier.output();
            assertTrue(output.contains(" DEBUG An invalid request from "), output);
            assertTrue(output.contains(" DEBUG -Dio.netty."), output);
            assertTrue(output.contains(" INFO  Request client=127.0.0.1 method=POST path=/news status=201 "), output);
            assertFalse(output.contains(SECRET), output);
            assertFalse(output.contains(TOKEN), output);
        }
    }

    @Test
    void asJsonEachLogLineIsOneObject() throws Exception {
        try (var crier = crier("{\"format\": \"json\", \"access\": true}")) {
            try (var client =
                    RawClient.request(crier.port(), "GET /", "User-Agent: \"a\" \u0085", "Connection: close")) {
                client.rest();
            }
            crier.terminate();
            assertEquals(0, crier.exitStatus());
            List<JsonObject> lines = crier.output().lines().map(JsonObject::new).toList();
            assertEquals(4, lines.size(), crier.output());
            assertEquals("Request", lines.get(1).getString("message"));
            assertEquals(200, lines.get(1).getInteger("status"));
            assertEquals("\"a\" \u00c2\u0085", lines.get(1).getString("agent"));
            assertEquals("Crier has stopped", lines.get(3).getString("message"));
        }
    }

    @Test
    void asJsonConfigurationProblemsAreLoggedToo() throws Exception {
        try (var crier = crier("{\"format\": \"json\", \"level\": 5}")) {
            assertEquals(2, crier.exitStatus());
            assertEquals(
                    "-conf: console.level: 5 (expected: \"error\", \"warn\", \"info\" or \"debug\")",
                    new JsonObject(crier.output()).getString("message"));
        }
    }
}
