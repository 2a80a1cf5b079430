package dev.crier.channel;

/** What is under a stream, as far as a subscriber needs to know. */
public interface Link {

    /** How many bytes wait in it: any that the other side takes makes a difference. 0 if none do. */
    long waiting();

    /** Ends it at once, whatever waits in it. */
    void cut();
}
