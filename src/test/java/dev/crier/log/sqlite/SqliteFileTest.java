package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.file.ConfException;
import dev.crier.log.store.LogInUseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The names of the log's file, its lock, and who can read it. */
class SqliteFileTest {

    @TempDir
    private Path folder;

    private List<String> names() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aPathMayHaveCharactersThatMeanSomethingInAUrl() throws Exception {
        SqliteFile file = SqliteFile.find(folder.resolve("100%41 #1?a/crier.db"));
        new SqliteFormat(file).prepare(true);
        file.connect().close();
        assertEquals(List.of("100%41 #1?a"), names());
        assertTrue(Files.size(folder.resolve("100%41 #1?a/crier.db")) > 0);
    }

    private static void assertInUse(Path name) {
        var e = assertThrows(
                LogInUseException.class, () -> SqliteFile.find(name).lock(), name.toString());
        assertEquals("log.file: " + name + ": in use by another Crier (expected: one at a time)", e.getMessage());
    }

    @Test
    void aFileHasOneLockUntilItIsClosed() throws Exception {
        Path path = folder.resolve("crier.db");
        try (SqliteFile file = SqliteFile.find(path)) {
            file.lock();
            file.lock();
            assertInUse(path);
        }
        try (SqliteFile file = SqliteFile.find(path)) {
            file.lock();
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void symbolicLinksAreTheSameFile() throws Exception {
        Path real = Files.createDirectories(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), Path.of("real/crier.db"));
        Path parent = Files.createSymbolicLink(folder.resolve("parent"), real);
        try (SqliteFile file = SqliteFile.find(link)) {
            file.lock();
            new SqliteFormat(file).prepare(true);
            assertTrue(Files.exists(real.resolve("crier.db")));
            assertInUse(real.resolve("crier.db"));
            assertInUse(parent.resolve("crier.db"));
            assertInUse(link);
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aFileWithHardLinksIsRejectedByEachOfItsNames() throws Exception {
        Path path = Files.createFile(folder.resolve("crier.db"));
        Path other = Files.createLink(folder.resolve("other.db"), path);
        for (Path name : List.of(path, other)) {
            var e = assertThrows(ConfException.class, () -> SqliteFile.find(name));
            assertEquals(
                    "log.file: " + name + ": has 2 names, which are hard links (expected: a file with one name)",
                    e.getMessage());
        }
    }

    /** A file of an earlier Crier may be readable by everyone. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void onlyTheirOwnerCanReadTheFiles() throws Exception {
        for (String permissions : List.of("none yet", "rw-r--r--")) {
            try (SqliteFile file = SqliteFile.find(folder.resolve("crier.db"))) {
                if (Files.exists(file.path())) {
                    Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString(permissions));
                    Files.setPosixFilePermissions(file.backupPath(), PosixFilePermissions.fromString(permissions));
                } else {
                    file.createForOwner(file.backupPath());
                }
                file.lock();
                new SqliteFormat(file).prepare(true);
                try (Sql sql = file.connect()) {
                    sql.execute("UPDATE newest SET sequence = sequence + 1");
                    for (String name :
                            List.of("crier.db", "crier.db-wal", "crier.db-shm", "crier.db-lock", "crier.db-backup")) {
                        assertEquals(
                                "rw-------",
                                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))),
                                name);
                    }
                }
            }
        }
    }
}
