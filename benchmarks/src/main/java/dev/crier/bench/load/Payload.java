package dev.crier.bench.load;

import io.netty.buffer.ByteBuf;

/**
 * The data of the benchmark's events: 100 bytes that start with the event's number and the time when it was published. The
 * time is {@link System#nanoTime}, which is comparable because all processes run on one machine. Events of live streams have
 * 20 bytes, which start with the number.
 */
public final class Payload {

    public static final int LENGTH = 100;

    static final int SHORT_LENGTH = 20;

    private static final int NUMBER_LENGTH = 16;
    private static final int TIME_LENGTH = 19;
    private static final int TIME_START = NUMBER_LENGTH + 1;
    private static final String PADDING = "x".repeat(LENGTH - TIME_START - TIME_LENGTH - 1);

    private static final String SHORT_PADDING = "x".repeat(SHORT_LENGTH - NUMBER_LENGTH - 1);

    private Payload() {}

    static String of(long number, long nanoTime) {
        return padded(number, NUMBER_LENGTH) + "-" + padded(nanoTime, TIME_LENGTH) + "-" + PADDING;
    }

    /** Returns the data of an event of a live stream. */
    static String shortOf(long number) {
        return padded(number, NUMBER_LENGTH) + "-" + SHORT_PADDING;
    }

    private static String padded(long value, int length) {
        String digits = Long.toString(value);
        return "0".repeat(length - digits.length()) + digits;
    }

    /** Returns the number of the event whose data starts at this index. */
    static long number(ByteBuf bytes, int start) {
        return digits(bytes, start, NUMBER_LENGTH);
    }

    /** Returns the publishing time of the event whose data starts at this index. */
    static long nanoTime(ByteBuf bytes, int start) {
        return digits(bytes, start + TIME_START, TIME_LENGTH);
    }

    private static long digits(ByteBuf bytes, int start, int length) {
        long value = 0;
        for (int i = start; i < start + length; i++) {
            value = value * 10 + bytes.getByte(i) - '0';
        }
        return value;
    }
}
