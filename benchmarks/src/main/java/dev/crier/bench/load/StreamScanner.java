package dev.crier.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Parses the response to a subscription from buffers of any size: the head, the chunks if it is chunked, and the lines that
 * matter to the benchmark. Copies only lines that are split between buffers, so that parsing costs little.
 */
final class StreamScanner {

    /** Receives the parts of the response. */
    interface Sink {

        void head(String head);

        void id(String id);

        void event(long number, long nanoTime);
    }

    private enum State {
        HEAD,
        SIZE,
        CHUNK,
        CHUNK_END,
        UNCHUNKED
    }

    /** The publishing time of an event of a live stream, whose data has no room for it. */
    static final long UNKNOWN_TIME = -1;

    private static final int DATA = "data: ".length();
    private static final int ID = "id: ".length();

    private final Sink sink;
    private final boolean ids;
    private State state = State.HEAD;
    private int chunkLeft;
    private ByteBuf unfinished = Unpooled.EMPTY_BUFFER;

    /** @param ids whether to report event ids, each of which allocates a string */
    StreamScanner(Sink sink, boolean ids) {
        this.sink = sink;
        this.ids = ids;
    }

    void scan(ByteBuf bytes) {
        while (bytes.isReadable()) {
            switch (state) {
                case HEAD -> head(bytes);
                case SIZE -> size(bytes);
                case CHUNK -> chunk(bytes);
                case CHUNK_END -> {
                    if (bytes.readByte() == '\n') {
                        state = State.SIZE;
                    }
                }
                case UNCHUNKED -> lines(bytes, bytes.readableBytes());
            }
        }
    }

    private void head(ByteBuf bytes) {
        buffer(bytes, 1);
        int length = unfinished.readableBytes();
        if (length < 4 || unfinished.getInt(length - 4) != 0x0d0a0d0a) {
            return;
        }
        String head = unfinished.toString(StandardCharsets.US_ASCII);
        unfinished = Unpooled.EMPTY_BUFFER;
        state = head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked") ? State.SIZE : State.UNCHUNKED;
        sink.head(head);
    }

    private void size(ByteBuf bytes) {
        byte b = bytes.readByte();
        if (b == '\n') {
            state = State.CHUNK;
        } else if (b != '\r') {
            chunkLeft = chunkLeft * 16 + Character.digit(b, 16);
        }
    }

    private void chunk(ByteBuf bytes) {
        int here = Math.min(chunkLeft, bytes.readableBytes());
        chunkLeft -= here;
        lines(bytes, here);
        if (chunkLeft == 0) {
            state = State.CHUNK_END;
        }
    }

    private void lines(ByteBuf bytes, int length) {
        int end = bytes.readerIndex() + length;
        while (bytes.readerIndex() < end) {
            int start = bytes.readerIndex();
            int newline = bytes.indexOf(start, end, (byte) '\n');
            if (newline < 0) {
                buffer(bytes, end - start);
            } else if (unfinished.isReadable()) {
                buffer(bytes, newline - start);
                line(unfinished, 0, unfinished.readableBytes());
                unfinished = Unpooled.EMPTY_BUFFER;
                bytes.readerIndex(newline + 1);
            } else {
                line(bytes, start, newline);
                bytes.readerIndex(newline + 1);
            }
        }
    }

    private void buffer(ByteBuf bytes, int length) {
        if (unfinished == Unpooled.EMPTY_BUFFER) {
            unfinished = Unpooled.buffer();
        }
        unfinished.writeBytes(bytes, length);
    }

    private void line(ByteBuf bytes, int start, int end) {
        int length = end - start;
        if (length >= DATA + Payload.LENGTH && bytes.getByte(start) == 'd') {
            sink.event(Payload.number(bytes, start + DATA), Payload.nanoTime(bytes, start + DATA));
        } else if (length == DATA + Payload.SHORT_LENGTH && bytes.getByte(start) == 'd') {
            sink.event(Payload.number(bytes, start + DATA), UNKNOWN_TIME);
        } else if (ids && length > ID && bytes.getByte(start) == 'i') {
            sink.id(bytes.toString(start + ID, length - ID, StandardCharsets.US_ASCII));
        }
    }
}
