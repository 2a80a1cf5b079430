package dev.crier.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.concurrent.Callable;

/** Sockets of the load client, by the cheapest way there is: epoll, on event loops of their own. */
final class Sockets implements AutoCloseable {

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());

    EventLoop loop() {
        return group.next();
    }

    Bootstrap bootstrap(EventLoop loop) {
        return new Bootstrap().group(loop).channel(EpollSocketChannel.class).option(ChannelOption.TCP_NODELAY, true);
    }

    /** What belongs to an event loop is asked for there. */
    static <T> T ask(EventLoop loop, Callable<T> question) {
        try {
            return loop.submit(question).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully();
    }
}
