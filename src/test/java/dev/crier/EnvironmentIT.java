package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import dev.crier.testing.SigningKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Secrets come from the environment, and the locale of the environment does not change configured names. */
class EnvironmentIT {

    private static final String NEWS = """
            {
              "port": 0,
              "channels": {"/news": {"keep": {"events": 100}, "publish": true}}
            }""";

    @TempDir
    private Path folder;

    private static String publish(int port, String token) throws IOException {
        try (var client = RawClient.publish(port, "/news", token, "hi")) {
            return client.head().get(0);
        }
    }

    private static String jwt(SigningKey key, String channel) throws Exception {
        return key.sign(new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000 + 600)
                .put("crier", new JsonObject().put("read", new JsonArray().add(channel))));
    }

    @Test
    void withoutAPublishTokenOneIsGeneratedAndLoggedOnce() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", NEWS)) {
            int port = crier.port();
            List<String> lines = crier.lines();
            assertEquals(2, lines.size(), crier.output());
            String token = lines.get(0).replaceFirst(".*: ", "");
            assertTrue(token.length() >= 32, lines.get(0));
            assertEquals("HTTP/1.1 201 Created", publish(port, token));
            assertEquals("HTTP/1.1 401 Unauthorized", publish(port, "something-else-0123"));
            assertEquals(lines, crier.lines());
        }
    }

    @Test
    void thePublishTokenOfTheEnvironmentIsUsed() throws Exception {
        String token = "a-token-of-the-environment";
        try (var crier =
                CrierProcess.start(folder, Map.of("CRIER_PUBLISH_TOKEN", token), CrierProcess.RUN_JAR, "-conf", NEWS)) {
            assertEquals("HTTP/1.1 201 Created", publish(crier.port(), token));
            assertEquals(1, crier.lines().size(), crier.output());
        }
    }

    @Test
    void theReadTokenAndTheJwtSecretOfTheEnvironmentAreUsed() throws Exception {
        SigningKey key = SigningKey.secret("a secret of the environment, long enough");
        var environment = Map.of("CRIER_READ_TOKEN", "a-token-of-subscribers", "CRIER_JWT_SECRET", key.text());
        try (var crier = CrierProcess.start(folder, environment, CrierProcess.RUN_JAR, "-conf", """
                {
                  "port": 0,
                  "channels": {"/news": {"read": "token", "publish": true}}
                }""")) {
            for (String token : List.of("a-token-of-subscribers", jwt(key, "/news"))) {
                try (var client = RawClient.request(crier.port(), "GET /news", "Authorization: Bearer " + token)) {
                    assertEquals("HTTP/1.1 200 OK", client.head().get(0));
                }
            }
            assertEquals(1, crier.lines().size(), crier.output());
        }
    }

    @Test
    void secretsThatAreTooShortAreReportedWithoutTheirValues() throws Exception {
        var environment = Map.of(
                "CRIER_PUBLISH_TOKEN",
                "short",
                "CRIER_READ_TOKEN",
                "short",
                "CRIER_JWT_SECRET",
                "short too",
                "CRIER_REDIS_PASSWORD",
                "");
        try (var crier = CrierProcess.start(folder, environment, CrierProcess.RUN_JAR)) {
            assertEquals(2, crier.exitStatus());
            String token = ": not shown (expected: at least 16 characters of a bearer token (RFC 6750, 2.1))";
            assertEquals(
                    List.of(
                            "ERROR CRIER_PUBLISH_TOKEN" + token,
                            "ERROR CRIER_READ_TOKEN" + token,
                            "ERROR CRIER_JWT_SECRET: not shown (expected: a secret of at least 32 bytes)",
                            "ERROR CRIER_REDIS_PASSWORD: not shown (expected: a password)"),
                    crier.lines());
        }
    }

    /** In the C locale, Java replaces each byte that is not ASCII, in arguments and in the environment. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void withoutALocaleChannelNamesAndSecretsAreUtf8() throws Exception {
        String secret = "ein Geheimnis von vielen \u00fc\u00f6\u00e4, lang genug";
        var crier = withoutLocale(secret, """
                {
                  "port": 0,
                  "host": "127.0.0.1",
                  "channels": {"/\u00e9": {"read": "token"}}
                }""");
        try (var output = crier.inputReader()) {
            String ready = output.readLine();
            assertTrue(ready.contains("Crier is ready"), ready);
            int port = Integer.parseInt(ready.replaceFirst(".*:(\\d+)/", "$1"));
            String bearer = "Authorization: Bearer " + jwt(SigningKey.secret(secret), "/\u00e9");
            try (var client = RawClient.request(port, "GET /%C3%A9", bearer)) {
                assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            }
        } finally {
            crier.destroyForcibly();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileNameThatTheLocaleCannotExpressIsReported() throws Exception {
        var crier = withoutLocale("a secret of 32 characters or more", "\u00e9.json");
        try (var output = crier.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = output.lines().toList();
            assertEquals(2, crier.waitFor());
            assertTrue(lines.get(0).contains("\u00e9.json: "), lines::toString);
            assertTrue(lines.get(1).endsWith("(expected: a locale such as LC_ALL=C.UTF-8)"), lines::toString);
            assertEquals(2, lines.size());
        } finally {
            crier.destroyForcibly();
        }
    }

    /** Starts Crier from a shell, because the locale of the tests may not be able to express the arguments either. */
    private Process withoutLocale(String secret, String configuration) throws IOException {
        String script = """
                CRIER_JWT_SECRET=$(printf '%s')
                export CRIER_JWT_SECRET
                exec '%s' -jar '%s' -conf "$(printf '%s')"
                """.formatted(
                        octal(secret),
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        CrierProcess.JAR,
                        octal(configuration));
        var builder = new ProcessBuilder("sh", "-c", script).directory(folder.toFile());
        builder.environment().put("LC_ALL", "C");
        return builder.start();
    }

    private static String octal(String text) {
        var octal = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            octal.append("\\%03o".formatted(b & 0xff));
        }
        return octal.toString();
    }
}
