package dev.crier.transport;

import dev.crier.limit.ByteLimit;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * Counts the bytes of the request heads of one HTTP/1 connection, because Netty keeps the parsed part of an incomplete head in
 * memory. Sits in the pipeline before the decoder until the connection becomes an event stream.
 */
public final class HeadBytes extends ChannelInboundHandlerAdapter {

    /** Vert.x's name for the decoder. */
    private static final String DECODER = "httpDecoder";

    private final ByteLimit limit;
    private final Runnable incomplete;
    private long headBytes;

    /** The bytes that the decoder is reading. */
    private ByteBuf arriving;

    /** How many bytes of the latest request's body have not arrived yet. They belong to no head. */
    private long bodyBytesLeft;

    /** Whether the length of that body is unknown. */
    private boolean chunked;

    private HeadBytes(ByteLimit limit, Runnable incomplete) {
        this.limit = limit;
        this.incomplete = incomplete;
    }

    /**
     * Begins to count. Null if the connection has no HTTP/1 decoder.
     *
     * @param limit the limit of the bytes of all heads
     * @param incomplete called when part of a head has arrived
     */
    static HeadBytes of(Channel connection, ByteLimit limit, Runnable incomplete) {
        if (connection.pipeline().get(DECODER) == null) {
            return null;
        }
        var counter = new HeadBytes(limit, incomplete);
        connection.pipeline().addBefore(DECODER, null, counter);
        return counter;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            arriving = bytes;
            count(bytes.readableBytes());
        }
        context.fireChannelRead(message);
        arriving = null;
        if (headBytes > 0) {
            incomplete.run();
        }
    }

    /** Returns the length of the body that the head announces; 0 if it announces none. */
    public static long announcedLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0; // the bytes are counted as they arrive
        }
    }

    /** Begins to count the next head, whose bytes follow the body of this request. */
    void headComplete(HttpServerRequest request) {
        forget();
        chunked = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
        bodyBytesLeft = chunked ? Long.MAX_VALUE : announcedLength(request);
        count(unread());
    }

    /** Counts the rest of a body of unknown length that was not read. Called when no request is open. */
    void requestEnded() {
        if (chunked) {
            chunked = false;
            bodyBytesLeft = 0;
            count(unread());
        }
    }

    /** Counts bytes towards the next head, except those of the body that precedes it. */
    private void count(int bytes) {
        long ofBody = Math.min(bytes, bodyBytesLeft);
        bodyBytesLeft -= ofBody;
        headBytes += bytes - ofBody;
        limit.add(bytes - ofBody);
    }

    /** Returns how many bytes have arrived that the decoder has not read. */
    private int unread() {
        return arriving == null || arriving.refCnt() == 0 ? 0 : arriving.readableBytes();
    }

    boolean hasBytes() {
        return headBytes > 0;
    }

    /** Removes what was counted from the limit. */
    void forget() {
        limit.remove(headBytes);
        headBytes = 0;
    }
}
