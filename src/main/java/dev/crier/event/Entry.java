package dev.crier.event;

/** An event in the log. */
public record Entry(EventId id, ChannelName channel, Event event) {}
