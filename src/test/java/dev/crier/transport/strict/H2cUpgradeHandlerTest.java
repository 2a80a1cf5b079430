package dev.crier.transport.strict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 without TLS, by an upgrade from HTTP/1.1 (RFC 7540, 3.2). */
class H2cUpgradeHandlerTest {

    private static final String GET = "GET /news.js HTTP/1.1\r\nHost: a\r\n";

    private static RunningCrier crier;

    @BeforeAll
    static void start() throws Exception {
        crier = new RunningCrier(RunningCrier.channels("/news").put("http", new JsonObject().put("h2c", true)));
    }

    @AfterAll
    static void stop() throws Exception {
        crier.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Upgrade: h2c\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade\r\n",
                "Upgrade: h2c\r\nConnection: HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: AAMAAABk\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: !\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAAB\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nHTTP2-Settings: AAMAAABk\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nHost: b\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nTransfer-Encoding: x\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nTransfer-Encoding: gzip, chunked\r\n",
                "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nX y: z\r\n"
            })
    void aMalformedUpgradeIsRejectedAndNothingAfterItIsHandled(String headers) throws Exception {
        for (String method : new String[] {"GET", "PUT", "PRI"}) {
            try (var client = new RawClient(crier.port())) {
                client.send(method + GET.substring(3) + headers + "\r\n" + GET + "\r\n");
                String response = client.rest();
                assertTrue(response.startsWith("HTTP/1.1 400 Bad Request\r\n"), response);
                assertTrue(response.endsWith("}"), response);
                assertEquals(2, response.split("HTTP/1.1 ", -1).length, response);
            }
        }
    }

    @Test
    void aCompleteUpgradeIsAccepted() throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.send(
                    GET
                            + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n\r\n");
            assertEquals("HTTP/1.1 101 Switching Protocols", client.head().get(0));
        }
        for (boolean upgrade : new boolean[] {true, false}) {
            var client = crier.vertx()
                    .createHttpClient(new HttpClientOptions()
                            .setProtocolVersion(HttpVersion.HTTP_2)
                            .setHttp2ClearTextUpgrade(upgrade));
            var response = RunningCrier.await(client.request(HttpMethod.GET, crier.port(), "127.0.0.1", "/news.js")
                    .compose(request -> request.send()));
            assertEquals(HttpVersion.HTTP_2, response.version());
            assertEquals(200, response.statusCode());
        }
    }

    @Test
    void http1RequestsAreAcceptedByteByByte() throws Exception {
        for (String method : new String[] {"GET", "POST", "PRI", "PRJ"}) {
            try (var client = new RawClient(crier.port())) {
                String request = method + " /news HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
                for (char c : request.toCharArray()) {
                    client.send(String.valueOf(c));
                }
                String status = client.head().get(0);
                assertEquals(method.equals("GET") ? "HTTP/1.1 200 OK" : "HTTP/1.1 405 Method Not Allowed", status);
            }
        }
    }
}
