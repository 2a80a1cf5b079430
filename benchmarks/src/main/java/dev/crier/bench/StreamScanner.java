package dev.crier.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Takes apart the answer to a subscription, however it is cut into pieces: the head, the chunks if it comes in chunks,
 * and of the lines of the stream those that matter to the benchmark. It copies only what a piece leaves unfinished.
 */
final class StreamScanner {

    /** Told of what the stream has. */
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

    private static final int DATA = "data: ".length();
    private static final int ID = "id: ".length();

    private final Sink sink;
    private final boolean ids;
    private State state = State.HEAD;
    private int chunkLeft;
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;

    /** @param ids whether the sink is to be told of ids, each of which is a text of its own */
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
        keep(bytes, 1);
        int length = rest.readableBytes();
        if (length < 4 || rest.getInt(length - 4) != 0x0d0a0d0a) {
            return;
        }
        String head = rest.toString(StandardCharsets.US_ASCII);
        rest = Unpooled.EMPTY_BUFFER;
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
                keep(bytes, end - start);
            } else if (rest.isReadable()) {
                keep(bytes, newline - start);
                line(rest, 0, rest.readableBytes());
                rest = Unpooled.EMPTY_BUFFER;
                bytes.readerIndex(newline + 1);
            } else {
                line(bytes, start, newline);
                bytes.readerIndex(newline + 1);
            }
        }
    }

    private void keep(ByteBuf bytes, int length) {
        if (rest == Unpooled.EMPTY_BUFFER) {
            rest = Unpooled.buffer();
        }
        rest.writeBytes(bytes, length);
    }

    private void line(ByteBuf bytes, int start, int end) {
        int length = end - start;
        if (length >= DATA + Payload.LENGTH && bytes.getByte(start) == 'd') {
            sink.event(Payload.number(bytes, start + DATA), Payload.nanoTime(bytes, start + DATA));
        } else if (ids && length > ID && bytes.getByte(start) == 'i') {
            sink.id(bytes.toString(start + ID, length - ID, StandardCharsets.US_ASCII));
        }
    }
}
