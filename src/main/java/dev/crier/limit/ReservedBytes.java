package dev.crier.limit;

/** Bytes that count towards a {@link ChannelNameLimit} until they are released. Not thread-safe. */
public final class ReservedBytes {

    private final ChannelNameLimit limit;
    private final String address;
    private final int bytes;
    private boolean released;

    /** @param bytes that the limit has added for the address */
    public ReservedBytes(ChannelNameLimit limit, String address, int bytes) {
        this.limit = limit;
        this.address = address;
        this.bytes = bytes;
    }

    /** Releases the bytes. Repeated calls do nothing. */
    public void release() {
        if (!released) {
            released = true;
            limit.remove(address, bytes);
        }
    }
}
