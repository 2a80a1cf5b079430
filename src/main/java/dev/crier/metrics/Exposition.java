package dev.crier.metrics;

/** All that was counted, as it is read. */
public record Exposition(String contentType, byte[] body) {}
