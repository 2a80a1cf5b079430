package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar with {@code conf/demo.json}, as the README starts it, but on a free port. */
class DemoIT {

    private static final Path DEMO = Path.of("conf", "demo.json").toAbsolutePath();
    private static final Pattern TOKEN = Pattern.compile("Generated a publish token .*: (\\S+)");

    @TempDir
    private Path folder;

    @Test
    void theDemoPrintsATokenThatPublishesToTheChannelsOfThePages() throws Exception {
        Files.createDirectories(folder.resolve("conf"));
        Files.writeString(folder.resolve("conf/config.json"), "{\"port\": 0, \"host\": \"127.0.0.1\"}");
        try (var crier = CrierProcess.start(folder, "-conf", DEMO.toString())) {
            int port = crier.port();
            Matcher token = TOKEN.matcher(crier.output());
            assertTrue(token.find(), crier::output);
            for (String channel : List.of("/news", "/dashboard/temperature", "/runs/42?lines&end")) {
                try (var client = RawClient.publish(port, channel, token.group(1), "21.5")) {
                    assertEquals("HTTP/1.1 201 Created", client.head().get(0), channel);
                }
            }
            try (var client = RawClient.request(port, "GET /watching")) {
                client.head();
                assertEquals("retry: 2000\n", client.chunk());
                assertEquals("data: 0\n\n", client.chunk(), "nobody was watching before");
                assertEquals("data: 1\n\n", client.chunk());
            }
        }
    }
}
