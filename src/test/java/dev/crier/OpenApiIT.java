package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares Crier with its OpenAPI document: schemathesis sends requests that it generates from the document, valid and invalid
 * ones. No response may have a status, a media type, a header or a body that the document does not have, and none may be a
 * server error.
 *
 * <p>A failure prints the requests as commands for curl, and the seed. {@code -Dopenapi.seed} repeats the same requests.
 */
class OpenApiIT {

    private static final Path FOLDER = Path.of("target", "openapi").toAbsolutePath();

    private static final Installation SCHEMATHESIS = new Installation(Path.of("src", "test", "openapi"), FOLDER);

    private static final String TOKEN = "a-token-of-the-tests";

    private static final int SEED = Integer.getInteger("openapi.seed", new Random().nextInt(1_000_000));

    private static final Pattern GENERATED = Pattern.compile("(\\d+) generated");

    private static Path python;

    @TempDir
    private Path folder;

    @BeforeAll
    static void installSchemathesis() throws Exception {
        python = SCHEMATHESIS.python();
    }

    /**
     * Starts Crier with channels of all kinds. Each stream ends after a moment, because schemathesis reads it to its end.
     *
     * @param webroot the pages in the jar, or a folder
     */
    private CrierProcess crier(String store, String webroot) throws IOException {
        return CrierProcess.start(folder, "-conf", """
                {
                  "host": "127.0.0.1",
                  "port": 0,
                  "management": {"port": 0},
                  "heartbeat": "PT0.1S",
                  "subscriber": {"maxLifetime": "PT0.001S"},
                  "log": {"store": "%s"},
                  "webroot": "%s",
                  "read": {"tokens": ["%s"]},
                  "publish": {"tokens": ["%s"]},
                  "channels": {
                    "/time": {"keep": "latest"},
                    "/news": {"keep": {"events": 10}, "publish": true},
                    "/orders/:id": {"keep": "latest", "publish": true, "read": "token"},
                    "/runs/:id": {"keep": {"events": 10}, "publish": true, "ends": true}
                  }
                }""".formatted(store, webroot, TOKEN, TOKEN));
    }

    @Test
    void theMainListenerDoesWhatTheDocumentSays() throws Exception {
        try (var crier = crier("memory", "webroot")) {
            assertConforms(crier, crier.port(), 2_000, "--exclude-tag", "management");
        }
    }

    @Test
    void theManagementListenerDoesWhatTheDocumentSays() throws Exception {
        try (var crier = crier("sqlite", "webroot")) { // the store that has backups
            assertConforms(crier, crier.managementPort(), 50, "--include-tag", "management");
        }
    }

    /** A file of a folder has ranges, and other headers than a page in the jar. */
    @Test
    void thePageOfAFolderDoesWhatTheDocumentSays() throws Exception {
        try (var crier = crier("memory", Path.of("webroot").toAbsolutePath().toString())) {
            assertConforms(crier, crier.port(), 30, "--include-tag", "pages");
        }
    }

    /** @param requests the number of requests that schemathesis must have sent, at least */
    private void assertConforms(CrierProcess crier, int port, int requests, String... options) throws Exception {
        var command = new ArrayList<>(List.of(
                python.toString(),
                "-m",
                "schemathesis.cli",
                "--config-file",
                "schemathesis.toml",
                "run",
                "http://127.0.0.1:" + crier.managementPort() + "/openapi.yaml",
                "--url",
                "http://127.0.0.1:" + port,
                "--seed",
                String.valueOf(SEED),
                "--no-color"));
        command.addAll(List.of(options));
        Path output = folder.resolve("schemathesis.log");
        var builder = new ProcessBuilder(command)
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("CRIER_TOKEN", TOKEN);
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(10, TimeUnit.MINUTES), "schemathesis does not end");
        } finally {
            process.destroyForcibly();
        }
        String report = Files.readString(output) + "\nRepeat it with -Dopenapi.seed=" + SEED;
        assertEquals(0, process.exitValue(), report);
        Matcher generated = GENERATED.matcher(report);
        assertTrue(generated.find() && Integer.parseInt(generated.group(1)) >= requests, report);
        assertFalse(crier.output().contains("ERROR"), crier::output);
    }
}
