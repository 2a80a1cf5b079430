package dev.crier.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;

/** A Crier with limits, two tokens and the channel {@code /news}, and the clients that use its connections. */
final class LimitsFixture {

    static final String TOKEN = "Authorization: Bearer a-token-of-the-tests";
    static final String OTHER_TOKEN = "Authorization: Bearer another-token-of-the-tests";

    private LimitsFixture() {}

    static RunningCrier crier(JsonObject limits, String... trusted) throws Exception {
        return new RunningCrier(new JsonObject()
                .put("limits", new JsonObject().put("refuse", "status").mergeIn(limits))
                .put("trustedProxies", new JsonArray(List.of(trusted)))
                .put(
                        "publish",
                        new JsonObject()
                                .put(
                                        "tokens",
                                        new JsonArray()
                                                .add("a-token-of-the-tests")
                                                .add("another-token-of-the-tests")))
                .put("channels", new JsonObject().put("/news", new JsonObject().put("publish", true))));
    }

    static RawClient halfRequest(RunningCrier crier) throws IOException {
        var client = new RawClient(crier.port());
        client.send("GET /news HTTP/1.1\r\nHost: a\r\n");
        return client;
    }

    /** The server resets the connection if it has not read everything. */
    static void assertClosed(RawClient client) throws IOException {
        try {
            assertEquals("", client.rest());
        } catch (SocketException reset) {
            assertEquals("Connection reset", reset.getMessage());
        }
    }

    /** Subscribes, keeps the client in the list, and returns the status of the response. */
    static String subscribe(RunningCrier crier, List<RawClient> open, String... headers) throws IOException {
        var client = RawClient.request(crier.port(), "GET /news", headers);
        open.add(client);
        return client.head().get(0).split(" ")[1];
    }

    static void close(List<RawClient> clients) throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }
}
