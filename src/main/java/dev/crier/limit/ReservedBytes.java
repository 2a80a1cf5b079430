package dev.crier.limit;

/** Bytes that count towards a limit until they are released. Releasing them again does nothing. Not thread-safe. */
public final class ReservedBytes {

    private final ByteLimit limit;
    private int bytes;

    ReservedBytes(ByteLimit limit, int bytes) {
        this.limit = limit;
        this.bytes = bytes;
    }

    public void release() {
        limit.remove(bytes);
        bytes = 0;
    }
}
