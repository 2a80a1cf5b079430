package dev.crier.bench.peer;

import dev.crier.bench.load.Payload;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The main class of a server that only sends: a loop writes the same bytes to every open connection. It has no channels and
 * handles neither slow nor disconnected subscribers, so its cost is the minimum for any server.
 */
public final class Floor {

    static final byte[] SUBSCRIBED =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PUBLISHED =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** The last lines of an event. */
    static final String ID = "id: 1763800000000-0\n\n";

    private final List<Channel> subscribers = new ArrayList<>();
    private final Optional<FloorLog> log;

    private Floor(EventLoopGroup group, int redisPort) throws InterruptedException {
        log = redisPort == 0 ? Optional.empty() : Optional.of(new FloorLog(group, redisPort, this::send));
    }

    /** @param args the port to listen on, and the port of the Redis through which events go, or 0 */
    public static void main(String[] args) throws Exception {
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var floor = new Floor(group, Integer.parseInt(args[1]));
        listen(group, Integer.parseInt(args[0]), floor::connection);
    }

    /** @param connection creates the handler of a connection */
    static void listen(EventLoopGroup group, int port, Supplier<ChannelHandler> connection)
            throws InterruptedException {
        new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(connection.get());
                    }
                })
                .bind("127.0.0.1", port)
                .sync();
    }

    private ChannelInboundHandlerAdapter connection() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                var request = (ByteBuf) message;
                if (request.getByte(request.readerIndex()) == 'G') {
                    subscribers.add(context.channel());
                    context.writeAndFlush(context.alloc().directBuffer().writeBytes(SUBSCRIBED));
                } else {
                    // The data are the last bytes of the request.
                    publish(request.skipBytes(request.readableBytes() - Payload.LENGTH), context);
                }
                request.release();
            }
        };
    }

    private void publish(ByteBuf data, ChannelHandlerContext publisher) {
        Runnable answer =
                () -> publisher.writeAndFlush(publisher.alloc().directBuffer().writeBytes(PUBLISHED));
        if (log.isPresent()) {
            log.get().add(data, answer);
        } else {
            send(data);
            answer.run();
        }
    }

    /** Sends an event to all subscribers. */
    private void send(ByteBuf data) {
        ByteBuf event = data.alloc().directBuffer();
        ByteBufUtil.writeAscii(event, "data: ");
        event.writeBytes(data);
        ByteBufUtil.writeAscii(event, "\n" + ID);
        for (Channel subscriber : subscribers) {
            subscriber.writeAndFlush(event.retainedDuplicate(), subscriber.voidPromise());
        }
        event.release();
    }
}
