package dev.crier.bench;

import io.netty.buffer.ByteBuf;

/**
 * The data of an event of the benchmark: 100 bytes, of which the first two words are its number and when it was published,
 * by the machine's clock in nanoseconds. All that read it are on the same machine.
 */
final class Payload {

    static final int LENGTH = 100;

    private static final int NUMBER_LENGTH = 16;
    private static final int TIME_LENGTH = 19;
    private static final int TIME_START = NUMBER_LENGTH + 1;
    private static final String REST = "x".repeat(LENGTH - TIME_START - TIME_LENGTH - 1);

    private Payload() {}

    static String of(long number, long nanoTime) {
        return padded(number, NUMBER_LENGTH) + "-" + padded(nanoTime, TIME_LENGTH) + "-" + REST;
    }

    private static String padded(long value, int length) {
        String digits = Long.toString(value);
        return "0".repeat(length - digits.length()) + digits;
    }

    /** The number in the data that starts there. */
    static long number(ByteBuf bytes, int start) {
        return digits(bytes, start, NUMBER_LENGTH);
    }

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
