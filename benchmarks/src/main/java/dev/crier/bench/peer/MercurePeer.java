package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A Mercure hub, which keeps its updates in memory or in a Bolt database. */
public record MercurePeer(Transport transport) implements Peer {

    public enum Transport {
        LOCAL,
        BOLT
    }

    private static final String KEY = "a-key-of-the-benchmark-that-is-long-enough";

    @Override
    public String name() {
        return transport == Transport.BOLT ? "Mercure with Bolt" : "Mercure";
    }

    @Override
    public Optional<String> version() {
        return Programs.find("mercure")
                .flatMap(mercure -> Programs.output("go", "version", "-m", mercure.toString()))
                .flatMap(modules -> modules.lines()
                        .filter(line -> line.contains("github.com/dunglas/mercure\t"))
                        .map(line -> line.strip().split("\t")[2])
                        .findFirst());
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        String mercure = Programs.find("mercure").orElseThrow().toString();
        String config = transport == Transport.BOLT ? "bolt {\n path " + folder.resolve("log.db") + "\n}" : "local";
        var environment = Map.of(
                "PORT", String.valueOf(port),
                "KEY", KEY,
                "TRANSPORT", config,
                "XDG_DATA_HOME", folder.toString(),
                "XDG_CONFIG_HOME", folder.toString());
        var endpoint = Endpoint.of(
                port,
                "/.well-known/mercure?topic=bench",
                "/.well-known/mercure",
                List.of("Authorization: Bearer " + token(), "Content-Type: application/x-www-form-urlencoded"),
                "topic=bench*&data=");
        return RunningPeer.start(
                folder,
                cores,
                List.of(mercure, "run", "--config", "benchmarks/peers/Caddyfile"),
                environment,
                endpoint);
    }

    /** Returns a JWT that permits to publish to every topic. */
    private static String token() {
        var head = new JsonObject().put("alg", "HS256").put("typ", "JWT");
        var claims = new JsonObject().put("mercure", new JsonObject().put("publish", new JsonArray().add("*")));
        String signed = base64(head.encode()) + "." + base64(claims.encode());
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
            return signed + "." + base64(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
