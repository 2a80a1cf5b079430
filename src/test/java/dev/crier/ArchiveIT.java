package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The class data archive makes the start faster. Crier also runs without it, so the test checks where classes are loaded from.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process that is stopped there writes no archive")
class ArchiveIT {

    private static final String ARCHIVED = " source: shared objects file";

    @TempDir
    private Path folder;

    /** Starts the jar in the folder with the archive. Returns a line for each class that is loaded up to the first event. */
    private List<String> loadedUpToTheFirstEvent(Path folder, Path jar, Path archive) throws Exception {
        Path loaded = this.folder.resolve("loaded.txt");
        var options =
                List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:class+load:file=" + loaded, "-jar", jar.toString());
        try (var crier = CrierProcess.start(folder, options, "-conf", "{\"port\": 0}")) {
            int port = crier.port();
            try (var subscriber = RawClient.request(port, "GET /currentTime")) {
                subscriber.head();
                subscriber.readThrough("data: ");
            }
            assertEquals(1, crier.lines().size(), crier.output());
            return Files.readAllLines(loaded);
        }
    }

    private static void assertArchived(List<String> loaded) {
        for (String name : List.of(
                "dev.crier.Main",
                "dev.crier.http.SubscribeHandler",
                "io.vertx.core.impl.VertxImpl",
                "picocli.CommandLine")) {
            assertTrue(loaded.stream().anyMatch(line -> line.endsWith(" " + name + ARCHIVED)), name);
        }
        List<String> checked = loaded.stream()
                .filter(line -> line.matches(".* (dev\\.crier|io\\.vertx|io\\.netty)\\..*"))
                .toList();
        List<String> others =
                checked.stream().filter(line -> !line.endsWith(ARCHIVED)).toList();
        List<String> named =
                others.stream().filter(line -> !line.contains("$$Lambda")).toList();
        assertTrue(named.size() < 10, named::toString);
        // a lambda that two event loops reach at once gets two classes, and the archive has only one of them
        assertTrue(others.size() * 20 < checked.size(), others::toString);
    }

    @Test
    void theArchiveHasAlmostEveryClassUpToTheFirstEvent() throws Exception {
        assertArchived(loadedUpToTheFirstEvent(folder, CrierProcess.JAR, CrierProcess.ARCHIVE));
    }

    @Test
    void theArchiveIsUsedWithARelativePathToo() throws Exception {
        Path target = CrierProcess.JAR.getParent();
        assertArchived(
                loadedUpToTheFirstEvent(target.getParent(), Path.of("target/crier.jar"), Path.of("target/crier.jsa")));
    }
}
