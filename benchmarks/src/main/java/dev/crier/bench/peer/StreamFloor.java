package dev.crier.bench.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The main class of a server that only relays live streams: what it reads from the producer of a channel, it writes to the
 * channel's subscriber. It stores nothing and understands only the requests of the load client, so its cost is the minimum for
 * any server that gets each event by itself.
 */
public final class StreamFloor {

    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final String LAST_CHUNK = "0\r\n\r\n";

    /** The bytes before the data line in a chunk with an event. */
    private static final int CHUNK_HEAD = "1c\r\n".length();

    private static final int DATA_LINE = "data: ".length() + 20 + 1;

    /** The bytes of a chunk, with the empty line after the data and the end of the chunk. */
    private static final int CHUNK = CHUNK_HEAD + DATA_LINE + 1 + 2;

    private final Map<String, Channel> subscribers = new HashMap<>();

    private StreamFloor() {}

    /** @param args the port to listen on */
    public static void main(String[] args) throws Exception {
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var floor = new StreamFloor();
        Floor.listen(group, Integer.parseInt(args[0]), floor::connection);
    }

    private ChannelHandler connection() {
        return new ByteToMessageDecoder() {

            private String path;
            private boolean isSubscriber;
            private long events;

            @Override
            protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
                if (path == null) {
                    readHead(context, in);
                } else if (isSubscriber) {
                    in.skipBytes(in.readableBytes());
                } else if (in.getByte(in.readerIndex()) == LAST_CHUNK.charAt(0)) {
                    if (in.readableBytes() == LAST_CHUNK.length()) {
                        in.skipBytes(LAST_CHUNK.length());
                        answer(context);
                    }
                } else if (in.readableBytes() >= CHUNK) {
                    relay(context, in);
                }
            }

            private void readHead(ChannelHandlerContext context, ByteBuf in) {
                String text = in.toString(StandardCharsets.US_ASCII);
                int end = text.indexOf(END_OF_HEAD);
                if (end < 0) {
                    return;
                }
                in.skipBytes(end + END_OF_HEAD.length());
                path = text.split("[ ?]", 3)[1];
                isSubscriber = text.startsWith("GET");
                if (isSubscriber) {
                    subscribers.put(path, context.channel());
                    context.writeAndFlush(context.alloc().directBuffer().writeBytes(Floor.SUBSCRIBED));
                }
            }

            private void relay(ChannelHandlerContext context, ByteBuf in) {
                ByteBuf stream = context.alloc().directBuffer();
                while (in.readableBytes() >= CHUNK && in.getByte(in.readerIndex()) != LAST_CHUNK.charAt(0)) {
                    stream.writeBytes(in, in.readerIndex() + CHUNK_HEAD, DATA_LINE);
                    ByteBufUtil.writeAscii(stream, Floor.ID);
                    in.skipBytes(CHUNK);
                    events++;
                }
                Channel subscriber = subscribers.get(path);
                subscriber.writeAndFlush(stream, subscriber.voidPromise());
            }

            private void answer(ChannelHandlerContext context) {
                String body = "{\"count\":" + events + "}";
                context.writeAndFlush(ByteBufUtil.writeAscii(
                        context.alloc(),
                        "HTTP/1.1 201 Created\r\nContent-Length: " + body.length() + END_OF_HEAD + body));
            }
        };
    }
}
