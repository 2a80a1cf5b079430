package dev.crier.event;

/** Something was published to a channel that is not declared. */
public final class UnknownChannelException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnknownChannelException(ChannelName channel) {
        super(channel + ": no such channel (expected: one that the conf declares)");
    }
}
