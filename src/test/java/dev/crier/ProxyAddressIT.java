package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Threat: a client claims another address, to evade the limit of its own address or to use up that of the other. Behind a
 * proxy, Crier must count the address from which the proxy's connection comes.
 */
class ProxyAddressIT {

    @TempDir
    private Path folder;

    /** Allows one subscriber per address and trusts the proxy. */
    private static RunningCrier crier() throws Exception {
        return new RunningCrier(new JsonObject("""
                {
                  "trustedProxies": ["127.0.0.1"],
                  "limits": {"subscribersPerAddress": 1, "refuse": "status"},
                  "channels": {"/news": {}}
                }"""));
    }

    /** Sends a subscriber's request with these headers from this address. */
    private static RawClient subscribe(String address, int port, String... headers) throws IOException {
        var client = RawClient.from(address, port);
        client.send(
                "GET /news HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
        return client;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BARE_NGINX")
    void forgedAddressesNeitherEvadeNorUseUpALimit(FrontProxy front) throws Exception {
        String[][] forgeries = {
            {"X-Forwarded-For: 127.0.0.3"},
            {"X-Forwarded-For: 127.0.0.3, 127.0.0.1"},
            {"X-Forwarded-For: 127.0.0.3", "X-Forwarded-For: 127.0.0.3"},
            {"x-forwarded-for: 127.0.0.3", "X_Forwarded_For: 127.0.0.3"},
            {"Forwarded: for=127.0.0.3"},
            {"Forwarded: for=127.0.0.3", "X-Forwarded-For: 127.0.0.3"},
            {"Connection: X-Forwarded-For, Forwarded", "X-Forwarded-For: 127.0.0.3"},
        };
        try (var crier = crier();
                var proxy = front.start(folder, crier.port());
                var attacker = subscribe("127.0.0.2", proxy.port(), forgeries[0])) {
            assertEquals("HTTP/1.1 200 OK", attacker.head().get(0));
            for (String[] forgery : forgeries) {
                try (var another = subscribe("127.0.0.2", proxy.port(), forgery)) {
                    String status = another.head().get(0);
                    // Envoy rejects the last forgery itself
                    assertTrue(
                            status.matches("HTTP/1.1 (429|400) .*"), () -> String.join("; ", forgery) + ": " + status);
                }
            }
            try (var claimed = subscribe("127.0.0.3", proxy.port(), "Accept: text/event-stream")) {
                assertEquals("HTTP/1.1 200 OK", claimed.head().get(0));
            }
        }
    }

    /** Shows that the test before can fail. */
    @Test
    void behindABareNginxForgedAddressesEvadeALimit() throws Exception {
        try (var crier = crier();
                var proxy = FrontProxy.bareNginx(folder, crier.port(), "");
                var attacker = subscribe("127.0.0.2", proxy.port(), "X-Forwarded-For: 127.0.0.3");
                var again = subscribe("127.0.0.2", proxy.port(), "X-Forwarded-For: 127.0.0.4")) {
            assertEquals("HTTP/1.1 200 OK", attacker.head().get(0));
            assertEquals("HTTP/1.1 200 OK", again.head().get(0));
        }
    }
}
