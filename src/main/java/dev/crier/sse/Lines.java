package dev.crier.sse;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Splits text in UTF-8, which arrives in any parts, into lines. A line ends at LF, CR or CRLF. A line that ends at CR is
 * complete at once; an LF that arrives after it belongs to the same line end. Skips a byte order mark at the beginning.
 */
final class Lines {

    private static final byte[] NONE = {};
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int BYTE_ORDER_MARK_BYTES = 3;

    /** The decoder of the JDK puts this in place of invalid bytes. */
    private static final char REPLACEMENT = '\uFFFD';

    private final int maxBytes;

    /** The bytes that were fed last. Those before {@code next} have been read. */
    private byte[] input = NONE;

    private int next;

    /** The beginning of a line whose end has not arrived. Not a {@code ByteArrayOutputStream}, whose methods take a lock. */
    private byte[] begun = NONE;

    private int begunBytes;

    private boolean afterCr;
    private boolean first = true;
    private int lineBytes;
    private long count;

    /** @param maxBytes the maximum size of a line, which limits the bytes in memory */
    Lines(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    void feed(byte[] bytes) {
        if (next < input.length) {
            byte[] unread = Arrays.copyOfRange(input, next, input.length + bytes.length);
            System.arraycopy(bytes, 0, unread, input.length - next, bytes.length);
            input = unread;
        } else {
            input = bytes;
        }
        next = 0;
    }

    /**
     * Returns the next line without its end; null if its end has not arrived.
     *
     * @throws IllegalArgumentException if the line is not valid UTF-8
     * @throws EventParser.TooLargeException if the line is too long
     */
    String next() {
        if (afterCr && next < input.length) {
            afterCr = false;
            next += input[next] == '\n' ? 1 : 0;
        }
        int end = next;
        while (end < input.length && input[end] != '\n' && input[end] != '\r') {
            end++;
        }
        if (begunBytes + end - next > maxBytes) {
            throw new EventParser.TooLargeException();
        }
        if (end == input.length) {
            begin(next, end);
            input = NONE;
            next = 0;
            return null;
        }
        int start = next;
        count++;
        afterCr = input[end] == '\r';
        next = end + 1;
        if (begunBytes == 0) {
            return line(input, start, end - start);
        }
        begin(start, end);
        return rest();
    }

    private void begin(int start, int end) {
        int bytes = begunBytes + end - start;
        if (bytes > begun.length) {
            begun = Arrays.copyOf(begun, Math.max(bytes, 2 * begun.length));
        }
        System.arraycopy(input, start, begun, begunBytes, end - start);
        begunBytes = bytes;
    }

    /** Returns the line whose end has not arrived, when no more bytes follow. */
    String rest() {
        byte[] line = begun;
        int length = begunBytes;
        begun = NONE;
        begunBytes = 0;
        return line(line, 0, length);
    }

    private String line(byte[] bytes, int offset, int length) {
        String text = decode(bytes, offset, length);
        lineBytes = length;
        if (first) {
            first = false;
            if (text.startsWith(BYTE_ORDER_MARK)) {
                lineBytes -= BYTE_ORDER_MARK_BYTES;
                return text.substring(1);
            }
        }
        return text;
    }

    private static String decode(byte[] bytes, int offset, int length) {
        String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException("invalid UTF-8 (expected: UTF-8)", e);
            }
        }
        return text;
    }

    /** Returns the size of the line that was returned last. */
    int lineBytes() {
        return lineBytes;
    }

    /** Returns how many lines have ended. */
    long count() {
        return count;
    }

    /** Returns how many bytes are in memory. */
    int heldBytes() {
        return input.length - next + begunBytes;
    }
}
