package dev.crier.log.store;

import java.util.function.BooleanSupplier;

/**
 * The client that a read is for.
 *
 * @param address the client's address; reads for one address take turns with those for others
 * @param hasLeft returns whether the client no longer waits for the read; thread-safe
 */
public record Requester(String address, BooleanSupplier hasLeft) {

    /** A client of which nothing is known, and which never leaves. */
    public static final Requester ANYONE = new Requester("", () -> false);
}
