package dev.crier.log;

/**
 * Why the store cannot append at present.
 *
 * @param sinceMillis when that began, by the wall clock
 * @param cause the newest cause
 */
public record StoreFailure(long sinceMillis, String cause) {}
