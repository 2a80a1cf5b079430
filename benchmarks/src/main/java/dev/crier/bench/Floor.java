package dev.crier.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What sending alone costs: a loop over the open connections that sends each the same ready bytes, and nothing else. It
 * knows no channel, no slow reader and no reader that leaves; a server that does anything costs more.
 */
public final class Floor {

    private static final byte[] STREAM =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PUBLISHED =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String END = "\nid: 1763800000000-0\n\n";

    private final List<Channel> readers = new ArrayList<>();

    private Floor() {}

    public static void main(String[] args) throws Exception {
        var floor = new Floor();
        new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()))
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(floor.connection());
                    }
                })
                .bind("127.0.0.1", Integer.parseInt(args[0]))
                .sync();
    }

    private ChannelInboundHandlerAdapter connection() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext place, Object message) {
                var request = (ByteBuf) message;
                if (request.getByte(request.readerIndex()) == 'G') {
                    readers.add(place.channel());
                    place.writeAndFlush(place.alloc().directBuffer().writeBytes(STREAM));
                } else {
                    send(request);
                    place.writeAndFlush(place.alloc().directBuffer().writeBytes(PUBLISHED));
                }
                request.release();
            }
        };
    }

    /** The data is the end of the request. */
    private void send(ByteBuf request) {
        ByteBuf event = request.alloc().directBuffer();
        ByteBufUtil.writeAscii(event, "data: ");
        event.writeBytes(request, request.writerIndex() - Payload.LENGTH, Payload.LENGTH);
        ByteBufUtil.writeAscii(event, END);
        for (Channel reader : readers) {
            reader.writeAndFlush(event.retainedDuplicate(), reader.voidPromise());
        }
        event.release();
    }
}
