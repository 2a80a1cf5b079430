package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The temporary folder may be read-only, as in a container with a read-only root, and Crier must not fill it. */
class TemporaryFolderIT {

    private static final String CONFIGURATION = """
            {
              "port": 0,
              "log": {"store": "%s"}
            }""";

    @TempDir
    private Path folder;

    private Path temporary;
    private Path working;

    @BeforeEach
    void createFolders() throws IOException {
        temporary = Files.createDirectory(folder.resolve("temporary"));
        working = Files.createDirectory(folder.resolve("working"));
    }

    private static List<Path> list(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static void assertServes(int port) throws IOException {
        try (var client = RawClient.request(port, "GET /currentTime")) {
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            client.chunk();
        }
    }

    @Test
    void aKilledProcessLeavesNothingInTheTemporaryFolder() throws Exception {
        var options = CrierProcess.jarWith("-Djava.io.tmpdir=" + temporary);
        for (int i = 0; i < 2; i++) {
            try (var crier = CrierProcess.start(working, options, "-conf", CONFIGURATION.formatted("sqlite"))) {
                assertServes(crier.port());
                // killed by close()
            }
            assertEquals(List.of(), list(temporary));
        }
        assertTrue(Files.exists(working.resolve("data/crier.db")));
    }

    /** Starts Crier in a mount namespace of its own, where the folders are read-only even for root. */
    private CrierProcess readOnly(String store, Path... folders) throws Exception {
        var script = new ArrayList<String>();
        for (Path readOnly : folders) {
            script.add("mount --bind '" + readOnly + "' '" + readOnly + "'");
            script.add("mount -o remount,ro,bind '" + readOnly + "'");
        }
        script.add("cd '" + working + "'");
        script.add("exec \"$@\"");
        return CrierProcess.startBy(
                List.of("unshare", "-m", "sh", "-ec", String.join("; ", script), "sh"),
                working,
                CrierProcess.jarWith("-Djava.io.tmpdir=" + temporary),
                "-conf",
                CONFIGURATION.formatted(store));
    }

    private static void assumeMounts() throws Exception {
        boolean may = Files.exists(Path.of("/usr/bin/unshare"))
                && new ProcessBuilder("unshare", "-m", "sh", "-c", "mount --bind /tmp /tmp")
                                .start()
                                .waitFor()
                        == 0;
        assumeTrue(may, "only root can mount");
    }

    @Test
    void withAReadOnlyTemporaryFolderNativeLibrariesLoadFromTheWorkingFolderOrTheFolderOfTheLog() throws Exception {
        assumeMounts();
        for (String store : List.of("memory", "sqlite")) {
            try (var crier = readOnly(store, temporary)) {
                assertServes(crier.port());
                assertTrue(crier.maps().contains("netty_transport_native_epoll"));
                assertEquals(1, crier.lines().size(), crier.output());
            }
        }
        assertEquals(List.of(working.resolve("data")), list(working));
        assertTrue(list(working.resolve("data")).stream()
                .allMatch(file -> file.toString().contains("crier.db")));
    }

    @Test
    void withoutAnyWritableFolderCrierLogsWhatIsMissing() throws Exception {
        assumeMounts();
        try (var crier = readOnly("memory", temporary, working)) {
            assertServes(crier.port());
            List<String> lines = crier.lines();
            assertEquals(2, lines.size(), crier.output());
            assertTrue(
                    lines.get(0)
                            .startsWith("WARN  The native transport does not load, so Crier uses Java's, and each"
                                    + " delivery costs more: "),
                    lines.get(0));
            assertTrue(lines.get(0).contains("Read-only file system"), lines.get(0));
        }
    }
}
