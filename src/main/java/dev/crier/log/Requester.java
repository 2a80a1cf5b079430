package dev.crier.log;

import java.util.function.BooleanSupplier;

/**
 * The client that a read is for.
 *
 * @param address clients of one address take turns with those of others
 * @param hasLeft whether nobody waits for the read any more; any thread may ask
 */
public record Requester(String address, BooleanSupplier hasLeft) {}
