package dev.crier.log.sqlite;

import dev.crier.log.store.LogInUseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Locks the log against every other Crier. The lock is on a file beside the database: POSIX drops all locks that a process
 * has on a file as soon as it closes any descriptor of it, and SQLite has locks of its own on the database.
 */
final class LockFile implements AutoCloseable {

    private final Path path;
    private FileChannel locked;

    LockFile(Path path) {
        this.path = path;
    }

    /**
     * Locks the log unless this object already has the lock.
     *
     * @param named the log, as the configuration names it
     * @throws LogInUseException if another Crier has the lock, in this process or another
     * @throws IOException if the lock file cannot be written, and so the log cannot be either
     */
    void lock(Path named) throws IOException {
        if (locked != null) {
            return;
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // another log of this process has it: lock stays null
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw new LogInUseException("log.file: " + named + ": in use by another Crier (expected: one at a time)");
        }
        locked = channel;
    }

    @Override
    public void close() throws IOException {
        if (locked != null) {
            locked.close();
            locked = null;
        }
    }
}
