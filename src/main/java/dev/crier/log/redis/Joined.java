package dev.crier.log.redis;

/** A new session, and the state of the log when it began. */
record Joined(Session session, LogState state) {}
