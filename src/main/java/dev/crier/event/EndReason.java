package dev.crier.event;

/** Why a channel has ended. Its last event has the text. */
public enum EndReason {
    /** Its publisher has ended it. */
    ENDED("ended"),
    /** A client has stopped it. */
    STOPPED("stopped"),
    /** Its publisher has gone before it ended the channel. */
    PRODUCER_GONE("producerGone");

    private final String text;

    EndReason(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
